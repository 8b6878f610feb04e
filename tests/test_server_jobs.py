"""Jobs over HTTP: handed in, answered, paged, deleted, asked for again."""

import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.archives import FILMS
from tests.fake_classifier import FakeClassifier
from tests.full_disk import full_at_first, full_queue
from tests.http_server import asking
from tests.servers.waiting import wait_until
from xray.messages import MESSAGES
from xray.server.tokens import Tokens
from xray.spool.folder import Spool
from xray.spool.item import State

HAND = (FILMS / "hand.jpg").read_bytes()
TOKENS = "first-token-of-tests\nsecond-token-of-tests\n"


@contextmanager
def client(
    folder: Path, fake: FakeClassifier | None = None, **settings: Any
) -> Iterator[httpx2.Client]:
    with Spool(folder, keep_free=0) as spool, asking(fake, spool, **settings) as asked:
        yield asked


def zipped(**members: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return whole.getvalue()


def lines(answer: httpx2.Response) -> list[dict]:
    assert answer.headers["content-type"].startswith("application/jsonl")
    return [json.loads(line) for line in answer.text.splitlines()]


def is_done(asked: httpx2.Client, job: str) -> bool:
    return asked.get(job).json()["state"] == "done"


def test_job_of_a_zip_is_answered_in_order_with_errors_in_their_place(
    tmp_path: Path,
) -> None:
    inner = zipped(a=HAND)
    body = zipped(one=HAND, two=b"no film", three=inner, four=HAND)
    with client(tmp_path) as asked:
        headers = {"Content-Type": "application/zip"}
        answer = asked.post("/v1/jobs", content=body, headers=headers)
        assert answer.status_code == 202
        job = answer.headers["location"]
        assert answer.json()["files"] == 4
        wait_until(lambda: is_done(asked, job))
        found = lines(asked.get(f"{job}/results"))
    names = [each["file"] for each in found]
    assert names == ["- / one", "- / two", "- / three", "- / four"]
    assert [each.get("label") for each in found] == ["Knee", None, None, "Knee"]
    assert found[1]["error"] == MESSAGES["unsupported"].english
    assert found[2]["error"] == MESSAGES["nested_zip"].english


def test_results_come_in_pages_up_to_what_is_answered(tmp_path: Path) -> None:
    fake = FakeClassifier(free=2)
    files = [("files", (f"{number}.jpg", HAND)) for number in range(5)]
    with client(tmp_path, fake) as asked:
        job = asked.post("/v1/jobs", files=files).headers["location"]
        wait_until(lambda: asked.get(job).json()["done"] == 2)
        assert asked.get(job).json()["state"] == "running"
        page = asked.get(f"{job}/results")
        assert 0 <= len(lines(page)) <= 2  # in order, up to the first that waits
        assert "link" in page.headers
        fake.go.set()
        wait_until(lambda: is_done(asked, job))
        names, path = [], f"{job}/results?limit=2"
        while path:
            page = asked.get(path)
            names += [each["file"] for each in lines(page)]
            link = re.fullmatch('<(.*)>; rel="next"', page.headers.get("link", ""))
            path = link[1] if link else None
    assert names == [f"{number}.jpg" for number in range(5)]


def test_same_key_and_body_is_the_same_job_and_another_body_a_conflict(
    tmp_path: Path,
) -> None:
    key = {"Idempotency-Key": "night of the 28th"}
    body = {"files": ("a.jpg", HAND)}
    with client(tmp_path) as asked:
        # Each request has a boundary of its own.
        first, second = (
            asked.post("/v1/jobs", files=body, headers=key) for _ in range(2)
        )
        assert (first.status_code, second.status_code) == (202, 202)
        assert first.json()["id"] == second.json()["id"]
        other = asked.post("/v1/jobs", files={"files": ("b.jpg", HAND)}, headers=key)
        assert (other.status_code, other.json()["type"]) == (
            409,
            "/problems/key_reused",
        )
        fresh = asked.post("/v1/jobs", files=body)
        assert fresh.json()["id"] != first.json()["id"]
    with Spool(tmp_path, keep_free=0) as spool:
        assert sum(spool.items.count().values()) == 2
        assert not list(spool.store.incoming.iterdir())


def test_deleted_job_is_gone_with_its_files(tmp_path: Path) -> None:
    fake = FakeClassifier(free=0)
    files = [("files", (f"{number}.jpg", HAND)) for number in range(3)]
    with client(tmp_path, fake) as asked:
        job = asked.post("/v1/jobs", files=files).headers["location"]
        assert asked.delete(job).status_code == 204
        fake.go.set()
        for path in (job, f"{job}/results"):
            assert asked.get(path).status_code == 404
        assert asked.delete(job).status_code == 404
    with Spool(tmp_path, keep_free=0) as spool:
        assert not any(spool.items.count().values())
        assert not list((tmp_path / "files").iterdir())


def test_job_of_another_token_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    path.write_text(TOKENS)
    first, second = (
        {"Authorization": f"Bearer {token}"} for token in TOKENS.splitlines()
    )
    with client(tmp_path / "spool", tokens=Tokens.read(path)) as asked:
        key = {"Idempotency-Key": "1"}
        mine = asked.post("/v1/jobs", content=HAND, headers=first | key)
        theirs = asked.post("/v1/jobs", content=b"other", headers=second | key)
        assert (mine.status_code, theirs.status_code) == (202, 202)
        job = mine.headers["location"]
        assert asked.get(job, headers=first).status_code == 200
        assert asked.get(job, headers=second).status_code == 404
        assert asked.delete(job, headers=second).status_code == 404


def test_job_that_a_killed_server_had_in_hand_is_done_by_the_next(
    tmp_path: Path,
) -> None:
    files = [("files", (f"{number}.jpg", HAND)) for number in range(6)]
    with Spool(tmp_path, keep_free=0) as spool:
        fake = FakeClassifier(free=0)
        with client(tmp_path, fake) as asked:
            job = asked.post("/v1/jobs", files=files).headers["location"]
            wait_until(lambda: fake.asked > 0)
            fake.go.set()
        # As after kill -9: some are in the hand of nobody.
        spool.items.claim("job", "serve")
    with client(tmp_path) as asked:
        wait_until(lambda: is_done(asked, job))
        names = [each["file"] for each in lines(asked.get(f"{job}/results"))]
    assert names == [f"{number}.jpg" for number in range(6)]


def test_full_disk_is_said_before_anything_is_stored(tmp_path: Path) -> None:
    with Spool(tmp_path, keep_free=2**60) as spool:
        with asking(spool=spool) as asked:
            answer = asked.post("/v1/jobs", content=HAND)
        assert answer.status_code == 507
        assert answer.json()["type"] == "/problems/disk_full"
        assert not list(spool.store.incoming.iterdir())


def test_queue_without_room_is_507_and_the_job_can_be_sent_again(
    tmp_path: Path,
) -> None:
    files = [("files", (f"{number}{'n' * 900}.jpg", HAND)) for number in range(40)]
    with Spool(tmp_path, keep_free=0) as spool, asking(spool=spool) as asked:
        with full_queue(spool):
            answer = asked.post("/v1/jobs", files=files)
            assert answer.status_code == 507
            assert answer.json()["type"] == "/problems/disk_full"
        assert not any(spool.items.count().values())
        assert not list((tmp_path / "files").iterdir())
        assert asked.post("/v1/jobs", files=files).status_code == 202


def test_job_waits_for_room_for_its_answers_and_is_done_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Spool(tmp_path, keep_free=0) as spool:
        full_at_first(monkeypatch, spool.items, "finish")
        with asking(spool=spool) as asked:
            job = asked.post("/v1/jobs", content=HAND).headers["location"]
            wait_until(lambda: is_done(asked, job))
            (answer,) = lines(asked.get(f"{job}/results"))
    assert answer["label"] == "Knee"


def test_failing_queue_is_said_without_a_word_of_ours(tmp_path: Path) -> None:
    with Spool(tmp_path, keep_free=0) as spool, asking(spool=spool) as asked:
        with closing(sqlite3.connect(tmp_path / "queue.sqlite")) as other:
            other.execute("DROP TABLE jobs")
        answer = asked.get("/v1/jobs/1")
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems/spool_failed"
        assert answer.headers["retry-after"]
        assert "table" not in answer.text


def test_full_queue_takes_no_further_job(tmp_path: Path) -> None:
    fake = FakeClassifier(free=0)
    with client(tmp_path, fake, waiting_files=1) as asked:
        assert asked.post("/v1/jobs", content=HAND).status_code == 202
        wait_until(lambda: fake.asked == 1)
        assert asked.post("/v1/jobs", content=HAND).status_code == 429
        fake.go.set()


@pytest.mark.parametrize(
    ("content", "kind", "key", "status"),
    [
        (b"", "application/zip", "a", 422),
        (HAND, "text/plain", "a", 415),
        (HAND, "image/jpeg", "a" * 256, 422),
        (b"--b\r\n", "multipart/form-data; boundary=b", "a", 400),
    ],
)
def test_what_is_no_job_is_refused_and_leaves_nothing(
    tmp_path: Path, content: bytes, kind: str, key: str, status: int
) -> None:
    headers = {"Content-Type": kind, "Idempotency-Key": key}
    with client(tmp_path) as asked:
        answer = asked.post("/v1/jobs", content=content, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
    with Spool(tmp_path, keep_free=0) as spool:
        assert not any(spool.items.count().values())
        assert not list(spool.store.incoming.iterdir())
        assert spool.items.count()[State.DEAD] == 0
