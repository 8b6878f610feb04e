"""Delivery with destinations that do as a test says."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.servers.nodes import ANYBODY, pacs, settings
from xray.cli import main
from xray.node.config import read_config
from xray.node.courier import Courier
from xray.node.destinations.base import DONE, Answer, Fate, UnreachableError
from xray.spool.folder import Spool
from xray.spool.item import New, Product, State


class Scripted:
    """Answers each parcel as a list says; an exception stands for the whole batch."""

    name, batch = "pacs", 10

    def __init__(self, *script: object) -> None:
        self.script = list(script)
        self.sizes: list[int] = []

    def send(self, parcels, reported):
        self.sizes.append(len(parcels))
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return [answer] * len(parcels)


@pytest.fixture
def desk(tmp_path):
    """A spool with films that wait for delivery, and its settings."""
    path = settings(
        tmp_path,
        ANYBODY,
        pacs(1, commitment=True, commitment_seconds=0.1),
        attempts=3,
    )
    config = read_config(path)
    with Spool(config.spool, 0) as spool:

        def put(count: int = 1) -> None:
            for number in range(count):
                staged = spool.store.stage([b"film"])
                spool.items.add(New(staged, "dicom", key=f"1.{number}"))
                (item,) = spool.items.claim("dicom")
                report = spool.store.stage([b"report"]).file
                product = Product("pacs", "sr", report, {"uid": f"9.{number}"})
                spool.items.finish(item, {}, [product])

        def courier(*script: object) -> Any:
            sender: Any = Scripted(*script)
            made: Any = Courier(config, spool, sender, print)
            made.sizes = sender.sizes
            return made

        yield spool, put, courier, path


@pytest.fixture
def pass_minutes(monkeypatch) -> Callable[[], None]:
    """Let the clock go on, so that what waits is due."""

    def go_on() -> None:
        later = time.time() + 300
        monkeypatch.setattr(time, "time", lambda: later)

    return go_on


def test_a_batch_goes_out_at_once_and_is_delivered(desk):
    spool, put, courier, _ = desk
    put(3)
    carrier = courier(DONE)
    assert carrier.deliver()
    assert not carrier.deliver()
    assert carrier.sizes == [3]
    assert spool.items.count()[State.DELIVERED] == 3


def test_a_destination_that_is_away_is_asked_with_one_and_costs_no_attempts(
    desk, pass_minutes
):
    spool, put, courier, _ = desk
    put(3)
    away = [UnreachableError("unreachable")] * 8
    carrier = courier(*away, DONE, DONE)
    for _ in away:
        assert not carrier.deliver()
        pass_minutes()
    assert carrier.sizes == [3, *[1] * 7]
    assert spool.last_hour().failed == {"unreachable": 3}
    assert carrier.deliver()
    assert carrier.deliver()
    assert carrier.sizes[-2:] == [1, 2]
    assert spool.items.count()[State.DELIVERED] == 3


def test_a_refusal_is_tried_a_few_times_then_dead_until_retried(
    desk, pass_minutes, capsys
):
    spool, put, courier, path = desk
    put()
    refusal = Answer(Fate.REFUSED, "status_c123")
    carrier = courier(refusal, refusal, refusal, DONE)
    for _ in range(3):
        carrier.deliver()
        pass_minutes()
    assert spool.items.count()[State.DEAD] == 1
    assert not carrier.deliver()
    words = ["node", "--config", str(path)]
    assert main([*words, "--dead"]) == 0
    said = capsys.readouterr().out
    assert "not delivered: status_c123" in said
    assert main([*words, "--status"]) == 1
    assert "not running" in capsys.readouterr().out
    assert main([*words, "--retry", "999"]) == 1
    assert main([*words, "--retry"]) == 0
    assert "1 to be tried again" in capsys.readouterr().out
    assert carrier.deliver()
    assert spool.items.count()[State.DELIVERED] == 1


def test_a_destination_that_breaks_off_gets_the_rest_later(desk, pass_minutes):
    spool, put, courier, _ = desk
    put()
    carrier = courier(Answer(Fate.LATER, "connection_lost"), DONE)
    assert not carrier.deliver()
    assert spool.last_hour().failed == {"connection_lost": 1}
    pass_minutes()
    assert carrier.deliver()


def test_what_is_never_promised_is_dead_in_the_end(desk, pass_minutes):
    spool, put, courier, _ = desk
    put()
    carrier = courier(*[Answer(Fate.SENT)] * 3)
    for _ in range(3):
        carrier.deliver()
        pass_minutes()
    (item,) = spool.items.list()
    assert (item.state, item.error) == (State.DEAD, "not_committed")
