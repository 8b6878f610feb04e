"""A node whose queue finds no room: it refuses, waits, and goes on by itself."""

import json
import logging
import shutil

import pytest
from pydicom import dcmread

from tests.fake_classifier import FakeClassifier
from tests.full_disk import full_queue
from tests.servers.nodes import ANYBODY, rule, send, settings, small_films
from tests.servers.waiting import wait_until
from xray.node.config import read_config
from xray.node.running import Node
from xray.spool.item import State

LOG = '[[destination]]\nname = "log"\nkind = "files"\npath = "log.jsonl"\n'


@pytest.mark.skipif(shutil.which("storescu") is None, reason="needs DCMTK")
def test_no_film_is_lost_where_the_queue_has_no_room_for_a_while(
    tmp_path, monkeypatch, caplog
):
    for name in ("spool.worker", "node.courier"):
        monkeypatch.setattr(f"xray.{name}.DISK_SECONDS", 0.05)
    # The node's command, if another test ran it here, keeps its log to itself.
    monkeypatch.setattr(logging.getLogger("xray"), "propagate", True)
    config = read_config(settings(tmp_path, ANYBODY, LOG, rule(["record"], ["log"])))
    paths = small_films(tmp_path / "films", 40)
    classifier = FakeClassifier(free=0)  # until the queue is full
    with Node(config, classifier) as node:
        assert send(node.port, paths[:10]).returncode == 0
        with full_queue(node.spool):
            while send(node.port, paths).returncode == 0:
                pass
            assert node.scp.refused.keys() == {"disk_full"}
            classifier.go.set()
            wait_until(lambda: "disk is full" in caplog.text)
        assert send(node.port, paths).returncode == 0
        wait_until(lambda: node.spool.items.count()[State.DELIVERED] == len(paths))
        wait_until(lambda: not list((tmp_path / "spool" / "files").iterdir()))
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["instance"] for line in lines) == sorted(
        dcmread(path, stop_before_pixels=True).SOPInstanceUID for path in paths
    )
