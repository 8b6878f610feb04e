"""What classifies the node's films, and what it does where the disk has no room."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.fake_classifier import FakeClassifier
from tests.servers.nodes import ANYBODY, rule, settings, small_films
from xray.errors import SpoolFullError
from xray.node.config import read_config
from xray.node.worker import Worker
from xray.spool.folder import Spool
from xray.spool.instances import put_instance, read_identity
from xray.spool.item import State
from xray.spool.items import MOST_CLAIMS

LOG = '[[destination]]\nname = "log"\nkind = "files"\npath = "log.jsonl"\n'


def test_film_waits_for_room_for_its_products_however_long_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xray.spool.worker.DISK_SECONDS", 0)
    config = read_config(settings(tmp_path, ANYBODY, LOG, rule(["record"], ["log"])))
    (path,) = small_films(tmp_path, 1)
    with Spool(tmp_path / "queue", keep_free=0) as spool:
        number = put_instance(spool, path, {}, read_identity(path)).id
        stage, tries = spool.store.stage, count()

        def late(*words: Any) -> object:
            if next(tries) < 2 * MOST_CLAIMS:
                raise SpoolFullError("no room")
            return stage(*words)

        monkeypatch.setattr(spool.store, "stage", late)
        fake: Any = FakeClassifier()
        worker = Worker(config, spool, fake, lambda: Worker.stop(worker))
        worker.run()
        found = spool.items.get(number)
        assert found is not None
        assert (found.state, found.error) == (State.CLASSIFIED, "")
