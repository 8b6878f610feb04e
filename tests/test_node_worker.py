"""What classifies the node's films, and what it does where the disk has no room."""

from pathlib import Path
from typing import Any

import pytest

from tests.fake_classifier import FakeClassifier
from tests.full_disk import full_at_first
from tests.servers.nodes import ANYBODY, rule, settings, small_films
from xray.node.config import read_config
from xray.node.worker import Worker
from xray.spool.folder import Spool
from xray.spool.instances import put_instance, read_identity
from xray.spool.item import State

LOG = '[[destination]]\nname = "log"\nkind = "files"\npath = "log.jsonl"\n'


def test_film_waits_for_room_for_its_products_however_long_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read_config(settings(tmp_path, ANYBODY, LOG, rule(["record"], ["log"])))
    (path,) = small_films(tmp_path, 1)
    with Spool(tmp_path / "queue", keep_free=0) as spool:
        number = put_instance(spool, path, {}, read_identity(path)).id
        full_at_first(monkeypatch, spool.store, "stage")
        fake: Any = FakeClassifier()
        worker = Worker(config, spool, fake, lambda: Worker.stop(worker))
        worker.run()
        found = spool.items.get(number)
        assert found is not None
        assert (found.state, found.error) == (State.CLASSIFIED, "")
