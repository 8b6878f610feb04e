"""`xray serve` as a process: real requests, SIGTERM, kill -9 in the middle of a job."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.archives import FILMS
from tests.servers.conftest import wait_until
from tests.servers.nodes import ROOT
from xray.cli import main

HAND = (FILMS / "hand.jpg").read_bytes()


@contextmanager
def running(
    *words: object, free: int = 10**9
) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client]]:
    """Run a server that stops for good after so many films; killed in the end."""
    program = [sys.executable, "-m", "tests.fake_classifier", str(free)]
    with subprocess.Popen(
        [*program, "serve", "--port", "0", *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stderr is not None
        try:
            said = []
            while not (line := process.stderr.readline()).startswith("serving on "):
                said.append(line)
                assert line, "".join(said)
            address = line.removeprefix("serving on ").strip()
            with httpx2.Client(base_url=address, timeout=60) as asked:
                yield process, asked
        finally:
            process.kill()


def test_requests_are_answered_and_refused_by_the_real_thing(
    tmp_path: Path, capsys
) -> None:
    assert main(["serve", "--new-token"]) == 0
    token, line = (text.splitlines()[-1] for text in capsys.readouterr())
    (tmp_path / "tokens").write_text(line)
    headers = {"Authorization": f"Bearer {token}"}
    with running("--token-file", tmp_path / "tokens") as (process, asked):
        assert asked.get("/readyz").json()["ready"] is True
        assert asked.post("/v1/predictions", content=HAND).status_code == 401
        answer = asked.post("/v1/predictions", content=HAND, headers=headers)
        assert (answer.status_code, answer.json()["label"]) == (200, "Knee")
        for content, status in ((b"x", 415), (HAND[:2000], 422)):
            answer = asked.post("/v1/predictions", content=content, headers=headers)
            assert answer.status_code == status
        large = headers | {"Content-Length": str(10**12)}
        answer = asked.post("/v1/predictions", content=HAND, headers=large)
        assert answer.status_code == 413
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 0, said
    assert token not in said
    assert "Traceback" not in said


def test_sigterm_lets_what_has_begun_end(tmp_path: Path) -> None:
    with running("--spool", tmp_path) as (process, asked):
        where = asked.base_url
        with socket.create_connection((where.host, where.port), 60) as raw:
            head = f"POST /v1/predictions HTTP/1.1\r\nHost: {where.host}\r\n"
            raw.sendall(
                f"{head}Content-Length: {len(HAND)}\r\n\r\n".encode() + HAND[:9]
            )
            assert asked.get("/livez").status_code == 200  # it has read ours by now
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: _refuses(where.host, where.port))
            raw.sendall(HAND[9:])
            answer = raw.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200")
        assert process.wait(60) == 0


def test_sigterm_ends_within_the_limit_whatever_hangs(tmp_path: Path) -> None:
    with running("--drain-seconds", 1, free=0) as (process, asked):
        with pytest.raises(httpx2.TimeoutException):
            asked.post("/v1/predictions", content=HAND, timeout=2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 75


def test_job_half_done_survives_kill_9(tmp_path: Path) -> None:
    files = [("files", (f"{number}.jpg", HAND)) for number in range(8)]
    key = {"Idempotency-Key": "night"}
    with running("--spool", tmp_path, free=3) as (process, asked):
        job = asked.post("/v1/jobs", files=files, headers=key).headers["location"]
        wait_until(lambda: asked.get(job).json()["done"] == 3)
        process.kill()
        process.wait()
    with running("--spool", tmp_path) as (_, asked):
        again = asked.post("/v1/jobs", files=files, headers=key)
        assert again.headers["location"] == job
        wait_until(lambda: asked.get(job).json()["state"] == "done")
        lines = asked.get(f"{job}/results").text.splitlines()
    assert [json.loads(line)["file"] for line in lines] == [
        f"{number}.jpg" for number in range(8)
    ]
    assert not list((tmp_path / "files").iterdir())


def test_only_this_machine_is_answered_without_tokens(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--host", "0.0.0.0"])
    assert ended.value.code == 2
    assert "--token-file" in capsys.readouterr().err


def test_taken_port_is_told(capsys) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    assert f"port {port}" in capsys.readouterr().err


def _refuses(host: str, port: int | None) -> bool:
    try:
        socket.create_connection((host, port), 1).close()
    except ConnectionRefusedError:
        return True
    return False
