"""The OpenAPI document is true: requests made up from it are answered as it says."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http_server import asking
from tests.predictions import finds, predicts
from xray.records.answer import as_record
from xray.server.schemas import Record
from xray.server.tokens import Tokens
from xray.spool.folder import Spool

# schemathesis has no such body of its own.
_RELATED = """
import schemathesis

@schemathesis.serializer("multipart/related")
def related(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
"""
TOKEN = "a-token-of-the-tests"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    tokens = Tokens([hashlib.sha256(TOKEN.encode()).digest()])
    with (
        Spool(tmp_path / "spool", keep_free=0) as spool,
        asking(spool=spool, tokens=tokens) as asked,
    ):
        yield str(asked.base_url).rstrip("/")


def test_every_path_answers_as_the_document_says(server: str, tmp_path: Path) -> None:
    (tmp_path / "related.py").write_text(_RELATED)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", f"{server}/openapi.json"),
        *("--header", f"Authorization: Bearer {TOKEN}"),
        # No schema can say which bytes are a radiograph.
        *("--exclude-checks", "positive_data_acceptance"),
        *("--max-examples", "10", "--seed", "1", "--generation-database", "none"),
        *("--phases", "examples,coverage,fuzzing"),
        *("--request-timeout", "60", "--no-color"),
    ]
    found = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "related", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_records_are_documented_with_the_keys_they_have() -> None:
    known = Record.model_fields.items()
    documented = [field.alias or name for name, field in known]
    always = [field.alias or name for name, field in known if field.is_required()]
    said = predicts("Knee")
    assert documented == ["file", *as_record(finds(said), None)]
    assert always == ["file", *as_record(said, None)]
