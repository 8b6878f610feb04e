"""The spool: nothing lost, nothing twice, whoever dies and whenever."""

import errno
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.full_disk import full_queue
from xray.errors import KeyReusedError, SpoolError, SpoolFullError
from xray.spool.database import Database
from xray.spool.deliveries import Delivery
from xray.spool.folder import Spool
from xray.spool.item import Added, Item, New, Product, State
from xray.spool.items import MOST_CLAIMS
from xray.spool.store import Staged

VICTIM = Path(__file__).with_name("spool_victim.py")


@pytest.fixture
def spool(tmp_path):
    with Spool(tmp_path / "spool", keep_free=0) as opened:
        yield opened


def _add(
    spool: Spool, data: bytes = b"film", key: str | None = "1.2.3", **more
) -> Added:
    staged = spool.store.stage([data])
    return spool.items.add(New(staged, more.pop("kind", "dicom"), key=key, **more))


def _claim(spool: Spool, kind: str = "dicom", **more) -> Item:
    (item,) = spool.items.claim(kind, **more)
    return item


def _classified(spool: Spool, *destinations: str, key: str = "1.2.3") -> Item:
    _add(spool, key.encode(), key)
    item = _claim(spool)
    products = [
        Product(name, "sr", spool.store.stage([b"report"]).file, {"uid": f"{key}.9"})
        for name in destinations
    ]
    assert spool.items.finish(item, {"label": "Hand"}, products)
    return item


def _take(spool: Spool, destination: str = "pacs") -> Delivery:
    (delivery,) = spool.deliveries.claim(destination)
    return delivery


def _files(spool: Spool) -> set[str]:
    return {path.name for path in (spool.folder / "files").iterdir()}


# The store


def test_staged_bytes_are_read_back(spool):
    staged = spool.store.stage([b"one ", b"two"])
    assert spool.store.read(staged.file) == b"one two"
    assert staged.bytes == 7
    assert not list(spool.store.incoming.iterdir())


def test_a_stream_over_the_limit_is_refused_and_leaves_nothing(spool):
    drawn = []

    def chunks():
        for number in range(100):
            drawn.append(number)
            yield b"x" * 10

    with pytest.raises(SpoolError, match="at most 25 bytes"):
        spool.store.stage(chunks(), most=25)
    assert len(drawn) == 3
    assert not list(spool.store.incoming.iterdir())
    assert not _files(spool)


def test_a_disk_below_the_mark_takes_nothing(tmp_path):
    with Spool(tmp_path, keep_free=2**60) as spool:
        assert not spool.store.enough_room()
        with pytest.raises(SpoolFullError, match="stay free"):
            spool.store.stage([b"film"])


def test_a_disk_that_fills_up_while_writing_leaves_nothing(spool, monkeypatch):
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SpoolFullError, match="No space left"):
        spool.store.stage([b"film"])
    assert not list(spool.store.incoming.iterdir())


def test_a_queue_without_room_says_so_keeps_nothing_and_goes_on_later(spool):
    name = "n" * 3000  # a page or so
    kept = 0
    with full_queue(spool), pytest.raises(SpoolFullError):
        for kept in range(100):
            _add(spool, b"film %d" % kept, f"1.{kept}", name=name)
    assert sum(spool.items.count().values()) == kept == len(_files(spool))
    assert _add(spool, b"film", f"1.{kept}", name=name).is_new


def test_a_step_that_finds_no_room_can_be_made_again(spool):
    _add(spool)
    item = _claim(spool)
    answer = {"label": "n" * 30_000}
    with full_queue(spool), pytest.raises(SpoolFullError):
        spool.items.finish(item, answer)
    assert spool.items.finish(item, answer)


def test_a_queue_that_fails_says_so_as_an_error_of_xray(spool, tmp_path):
    with closing(sqlite3.connect(tmp_path / "spool" / "queue.sqlite")) as another:
        another.execute("DROP TABLE jobs")
    with pytest.raises(SpoolError, match="no such table"):
        spool.jobs.get("1")


def test_file_and_folder_are_flushed_before_a_file_counts_as_staged(spool, monkeypatch):
    flushed, real = [], os.fsync

    def note(handle: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    monkeypatch.setattr(os, "fsync", note)
    spool.store.stage([b"film"])
    assert [path.parent.name for path in flushed] == ["incoming", "spool"]


def test_an_adopted_file_has_the_digest_of_what_follows_its_head(spool):
    path = spool.store.incoming / "received"
    path.write_bytes(b"head of one sender" + b"dataset")
    first = spool.store.adopt(path, skip=18)
    path.unlink()
    assert spool.store.read(first.file) == b"head of one senderdataset"
    assert first.digest == spool.store.stage([b"dataset"]).digest
    assert first.bytes == 25


def test_the_folder_is_closed_to_others(spool):
    assert spool.folder.stat().st_mode & 0o077 == 0


def test_a_sweep_removes_old_files_without_a_row_only(spool):
    _add(spool, b"named")
    orphan = spool.store.stage([b"left by a crash"])
    half = spool.store.incoming / "half"
    half.write_bytes(b"le")
    assert spool.sweep() == 0  # they may yet get their row
    for path in (*(spool.folder / "files").iterdir(), half):
        os.utime(path, (0, 0))
    assert spool.sweep() == 2
    assert orphan.file not in _files(spool)
    assert len(_files(spool)) == 1


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    path = tmp_path / "file"
    path.write_text("")
    with pytest.raises(SpoolError, match="permissions"):
        Spool(path)


def test_a_queue_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "queue.sqlite"
    database = Database(path)
    with database.transaction() as change:
        change.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(SpoolError, match="newer"):
        Database(path)


# Items


def test_the_same_bytes_under_one_key_are_there_once(spool):
    first, second = _add(spool), _add(spool)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.id == second.id
    assert len(_files(spool)) == 1


def test_other_bytes_under_one_key_are_kept_beside_with_an_alarm(spool):
    first, second = _add(spool), _add(spool, b"other film")
    assert not first.is_conflict
    assert second.is_new
    assert second.is_conflict
    assert len(_files(spool)) == 2


def test_the_same_bytes_are_known_after_delivery(spool):
    item = _classified(spool, "pacs")
    spool.deliveries.done([_take(spool)])
    assert not _files(spool)
    again = _add(spool, b"1.2.3", "1.2.3")
    assert (again.id, again.is_new) == (item.id, False)


def test_items_without_a_key_are_never_the_same(spool):
    assert _add(spool, key=None).id != _add(spool, key=None).id


def test_items_are_claimed_in_order_once_and_by_kind(spool):
    ids = [_add(spool, key=f"1.{n}").id for n in range(3)]
    other = _add(spool, kind="job").id
    assert [item.id for item in spool.items.claim("dicom", count=9)] == ids
    assert spool.items.claim("dicom") == []
    assert _claim(spool, "job").id == other


def test_a_claim_that_ran_out_is_taken_over_and_counts_no_more(spool):
    _add(spool)
    slow = _claim(spool, seconds=-1)
    fast = _claim(spool)
    assert fast.id == slow.id
    assert not spool.items.finish(slow, {"from": "slow"})
    assert spool.items.finish(fast, {"from": "fast"})
    found = spool.items.get(fast.id)
    assert found.result == {"from": "fast"}
    assert found.state is State.DELIVERED


def test_what_a_dead_holder_had_in_hand_is_given_back(spool):
    _add(spool)
    _claim(spool, holder="dead")
    assert spool.items.release("alive") == 0
    assert spool.items.release("dead") == 1
    assert _claim(spool).attempts == 2


def test_an_item_that_was_in_hand_at_every_crash_is_given_up(spool):
    number = _add(spool).id
    for _ in range(MOST_CLAIMS):
        _claim(spool, holder="victim")
        spool.items.release("victim")
    assert spool.items.claim("dicom") == []
    found = spool.items.get(number)
    assert (found.state, found.error) == (State.DEAD, "crashed")
    assert spool.items.retry([number]) == 1
    assert _claim(spool).attempts == 1


def test_an_item_that_waits_for_room_on_the_disk_is_never_given_up(spool):
    number = _add(spool).id
    for _ in range(MOST_CLAIMS + 1):
        assert _claim(spool, holder="node").attempts == 1
        spool.items.release("node", counts=False)
    assert spool.items.get(number).state is State.RECEIVED


def test_a_failed_item_waits_and_a_hopeless_one_is_dead_until_retried(spool):
    _add(spool)
    spool.items.fail(_claim(spool), "model_missing", retry_in=60)
    assert spool.items.claim("dicom") == []
    assert spool.items.count()[State.RECEIVED] == 1
    second = _add(spool, b"broken", "1.5")
    spool.items.fail(_claim(spool), "damaged")
    assert spool.items.get(second.id).error == "damaged"
    assert spool.last_hour().failed == {"damaged": 1, "model_missing": 1}
    assert spool.items.retry() == 1
    assert _claim(spool).id == second.id


def test_an_answered_item_without_deliveries_gives_its_file_back(spool):
    _add(spool, kind="job", owner="j")
    assert spool.items.finish(_claim(spool, "job"), {"label": "Hand"})
    assert not _files(spool)
    (found,) = spool.items.list(owner="j", state=State.DELIVERED)
    assert found.result == {"label": "Hand"}


def test_lists_are_paged_by_the_last_id(spool):
    ids = [_add(spool, key=f"1.{n}", owner="j").id for n in range(5)]
    first = spool.items.list(owner="j", count=2)
    second = spool.items.list(owner="j", after=first[-1].id)
    assert [item.id for item in first + second] == ids
    assert spool.items.list(owner="other") == []
    assert spool.items.depth() == 5


def test_deleted_items_take_their_files_along(spool):
    item = _classified(spool, "pacs")
    assert len(_files(spool)) == 2
    assert spool.items.delete(item.id)
    assert not _files(spool)
    assert spool.deliveries.of(item.id) == []
    assert not spool.items.delete(item.id)


def test_delivered_items_are_forgotten_in_time_and_dead_ones_stay(spool):
    _classified(spool, "pacs")
    spool.deliveries.done([_take(spool)])
    _add(spool, b"broken", "1.5")
    spool.items.fail(_claim(spool), "damaged")
    assert spool.items.prune(time.time() - 10) == 0
    assert spool.items.prune(time.time() + 10) == 1
    assert spool.items.count()[State.DEAD] == 1


# Deliveries


def test_an_item_is_delivered_when_all_its_destinations_have_it(spool):
    item = _classified(spool, "pacs", "files")
    spool.deliveries.done([_take(spool, "pacs")])
    assert spool.items.get(item.id).state is State.CLASSIFIED
    spool.deliveries.done([_take(spool, "files")])
    assert spool.items.get(item.id).state is State.DELIVERED
    assert not _files(spool)
    assert spool.last_hour().delivered == 1


def test_a_destination_that_is_down_gets_it_later(spool):
    _classified(spool, "pacs")
    spool.deliveries.later([_take(spool)], "unreachable", wait=60)
    assert spool.deliveries.claim("pacs") == []
    assert spool.last_hour().failed == {"unreachable": 1}


def test_a_dead_delivery_makes_its_item_dead_and_is_retried_alone(spool):
    item = _classified(spool, "pacs", "files")
    spool.deliveries.done([_take(spool, "files")])
    spool.deliveries.give_up([_take(spool)], "refused")
    found = spool.items.get(item.id)
    assert (found.state, found.error) == (State.DEAD, "refused")
    assert spool.items.retry() == 1
    assert spool.items.get(item.id).state is State.CLASSIFIED
    assert spool.deliveries.claim("files") == []
    spool.deliveries.done([_take(spool)])
    assert spool.items.get(item.id).state is State.DELIVERED


def test_a_promise_to_keep_ends_a_delivery(spool):
    item = _classified(spool, "pacs")
    spool.deliveries.sent([_take(spool)], wait=60)
    assert spool.deliveries.count() == {("pacs", "sent"): 1}
    assert spool.deliveries.committed("other", ["1.2.3.9"]) == 0
    assert spool.deliveries.committed("pacs", ["1.2.3.9", "7.7"]) == 1
    assert spool.items.get(item.id).state is State.DELIVERED


def test_what_a_destination_lost_is_sent_again(spool):
    _classified(spool, "pacs")
    spool.deliveries.sent([_take(spool)], wait=60)
    assert spool.deliveries.uncommitted("pacs", ["1.2.3.9"]) == 1
    assert _take(spool).error == "not_committed"


def test_a_promise_that_never_comes_is_asked_for_again(spool):
    _classified(spool, "pacs")
    spool.deliveries.sent([_take(spool)], wait=-1)
    assert _take(spool).state == "sent"


# Jobs


def _job(spool: Spool, key: str | None, body: str, files: int = 2):
    def make(job: str) -> list[New]:
        return [
            New(spool.store.stage([b"film"]), "job", job, f"film {n}")
            for n in range(files)
        ]

    return spool.jobs.add(key, body, make)


def test_a_key_makes_one_job_and_refuses_another_body(spool):
    first, again = _job(spool, "k", "body"), _job(spool, "k", "body")
    assert (first.id, first.is_new, again.is_new) == (again.id, True, False)
    assert spool.items.count(owner=first.id)[State.RECEIVED] == 2
    assert spool.jobs.find("k", "body").id == first.id
    assert spool.jobs.find("unknown", "body") is None
    with pytest.raises(KeyReusedError, match="another body"):
        spool.jobs.find("k", "other")
    assert _job(spool, None, "body").id != _job(spool, None, "body").id


def test_a_job_that_fails_half_way_is_not_there_at_all(spool):
    def make(job: str) -> list[New]:
        return [New(Staged("file", "digest", 1), "job", job), None]

    with pytest.raises(AttributeError):
        spool.jobs.add("k", "body", make)
    assert spool.jobs.find("k", "body") is None
    assert spool.items.count()[State.RECEIVED] == 0


def test_a_deleted_job_takes_its_items_along(spool):
    job, other = _job(spool, "k", "body"), _job(spool, "m", "body")
    assert spool.jobs.delete(job.id)
    assert spool.jobs.get(job.id) is None
    assert spool.items.list(owner=job.id) == []
    assert len(spool.items.list(owner=other.id)) == 2
    assert not spool.jobs.delete(job.id)
    assert spool.jobs.prune(time.time() + 1) == 1
    assert not _files(spool)


def test_jobs_and_items_survive_a_restart(tmp_path):
    with Spool(tmp_path, keep_free=0) as spool:
        job = _job(spool, "k", "body")
    with Spool(tmp_path, keep_free=0) as spool:
        assert spool.jobs.get(job.id).key == "k"
        assert spool.store.read(_claim(spool, "job").file) == b"film"


# Many at once


def test_threads_and_connections_never_share_a_claim(tmp_path):
    with Spool(tmp_path, keep_free=0) as first, Spool(tmp_path, keep_free=0) as second:
        for number in range(60):
            _add(first, key=f"1.{number}")
        taken: list[int] = []

        def work(spool: Spool) -> None:
            while items := spool.items.claim("dicom", count=3):
                taken.extend(item.id for item in items)

        threads = [
            threading.Thread(target=work, args=(spool,))
            for spool in (first, second, first, second)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == len(set(taken)) == 60


def _run_victim(role: str, folder: Path, lines: int | None) -> list[str]:
    """Run a process until it has said so many lines, then kill it."""
    with subprocess.Popen(
        [sys.executable, str(VICTIM), role, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(VICTIM.parents[1])},
    ) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if len(said) == lines:
                # It has gone on since: it dies somewhere in what follows the line.
                process.send_signal(signal.SIGKILL)
                break
        said += process.stdout.readlines()
    return said


def _ids(said: list[str], word: str) -> list[int]:
    return [int(line.split()[1]) for line in said if line.startswith(word)]


def test_killed_again_and_again_nothing_is_lost_and_nothing_comes_twice(tmp_path):
    random.seed(25)
    received = tmp_path / "received"
    received.mkdir()
    accepted: list[int] = []
    for _ in range(4):
        said = _run_victim("receive", tmp_path, random.randint(1, 12))
        accepted += _ids(said, "added")
    classified: Counter[int] = Counter()
    for role, word, seen in (
        ("classify", "classified", classified),
        ("deliver", "delivered", Counter()),
    ):
        for lines in (*(random.randint(1, 8) for _ in range(3)), None):
            with Spool(tmp_path, keep_free=0) as spool:
                spool.items.release("victim")
                spool.deliveries.release("victim")
            seen.update(_ids(_run_victim(role, tmp_path, lines), word))
    assert max(classified.values()) == 1
    with Spool(tmp_path, keep_free=0) as spool:
        items = spool.items.list(count=10_000)
        # An item may be there that nobody was told of; none that was told is missing.
        assert set(accepted) <= {item.id for item in items}
        assert {item.state for item in items} == {State.DELIVERED}
        for item in items:
            report = (received / f"9.{item.id}").read_bytes()
            assert report == f"report {item.id}".encode()
        assert len(list(received.iterdir())) == len(items)
        spool.sweep(older=-10)
        assert not _files(spool)
