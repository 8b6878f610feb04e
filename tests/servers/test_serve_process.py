"""`xray serve` as a process: real requests, SIGTERM, kill -9 in the middle of a job."""

import http.client
import json
import os
import re
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
from tests.servers.nodes import ROOT
from tests.servers.waiting import wait_until
from xray.cli import main

HAND = (FILMS / "hand.jpg").read_bytes()


class Running:
    """A server that runs, what to ask it with, and what it logs."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process, self._log = process, log
        wait_until(lambda: self._address() is not None)
        self.client = httpx2.Client(base_url=self._address() or "", timeout=60)

    def said(self) -> str:
        return self._log.read_text()

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        return self._process.wait(60)

    def _address(self) -> str | None:
        assert self._process.poll() is None, self.said()
        found = re.search(r"^serving on (\S+)$", self.said(), re.MULTILINE)
        return found[1] if found else None


@contextmanager
def running(folder: Path, *words: object, free: int = 10**9) -> Iterator[Running]:
    """Run a server that stops for good after so many films; killed in the end."""
    program = [sys.executable, "-m", "tests.fake_classifier", str(free)]
    log = folder / "serve.log"  # no pipe: nobody would empty it
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [*program, "serve", "--port", "0", *map(str, words)],
            stderr=file,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as process,
    ):
        try:
            found = Running(process, log)
            with found.client:
                yield found
        finally:
            process.kill()


def test_requests_are_answered_and_refused_by_the_real_thing(
    tmp_path: Path, capsys
) -> None:
    assert main(["serve", "--new-token"]) == 0
    token, line = (text.splitlines()[-1] for text in capsys.readouterr())
    (tmp_path / "tokens").write_text(line)
    headers = {"Authorization": f"Bearer {token}"}
    with running(tmp_path, "--token-file", tmp_path / "tokens") as server:
        asked = server.client
        assert asked.get("/readyz").json()["ready"] is True
        assert asked.post("/v1/predictions", content=HAND).status_code == 401
        answer = asked.post("/v1/predictions", content=HAND, headers=headers)
        assert (answer.status_code, answer.json()["label"]) == (200, "Knee")
        for content, status in ((b"x", 415), (HAND[:2000], 422)):
            answer = asked.post("/v1/predictions", content=content, headers=headers)
            assert answer.status_code == status
        raw = http.client.HTTPConnection(asked.base_url.host, asked.base_url.port)
        large = headers | {"Content-Length": str(10**12)}
        raw.request("POST", "/v1/predictions", headers=large)
        assert raw.getresponse().status == 413
        raw.close()
        server.terminate()
        assert server.wait() == 0, server.said()
        assert token not in server.said()
        assert "Traceback" not in server.said()


def test_sigterm_lets_what_has_begun_end(tmp_path: Path) -> None:
    with running(tmp_path, "--spool", tmp_path / "spool") as server:
        where = server.client.base_url
        with socket.create_connection((where.host, where.port), 60) as raw:
            head = f"POST /v1/predictions HTTP/1.1\r\nHost: {where.host}\r\n"
            head += f"Content-Length: {len(HAND)}\r\n\r\n"
            raw.sendall(head.encode() + HAND[:9])
            # It has read ours by now.
            assert server.client.get("/livez").status_code == 200
            server.terminate()
            wait_until(lambda: _refuses(where.host, where.port))
            raw.sendall(HAND[9:])
            answer = raw.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200")
        assert server.wait() == 0


def test_sigterm_ends_within_the_limit_whatever_hangs(tmp_path: Path) -> None:
    with running(tmp_path, "--drain-seconds", 1, free=0) as server:
        with pytest.raises(httpx2.TimeoutException):
            server.client.post("/v1/predictions", content=HAND, timeout=2)
        server.terminate()
        assert server.wait() == 75


def test_job_half_done_survives_kill_9(tmp_path: Path) -> None:
    files = [("files", (f"{number}.jpg", HAND)) for number in range(8)]
    key = {"Idempotency-Key": "night"}
    spool = tmp_path / "spool"
    with running(tmp_path, "--spool", spool, free=3) as server:
        asked = server.client
        job = asked.post("/v1/jobs", files=files, headers=key).headers["location"]
        wait_until(lambda: len(list((spool / "files").iterdir())) == 5)
        server.kill()
        server.wait()
    with running(tmp_path, "--spool", spool) as server:
        asked = server.client
        again = asked.post("/v1/jobs", files=files, headers=key)
        assert again.headers["location"] == job
        wait_until(lambda: asked.get(job).json()["state"] == "done")
        lines = asked.get(f"{job}/results").text.splitlines()
    assert [json.loads(line)["file"] for line in lines] == [
        f"{number}.jpg" for number in range(8)
    ]
    assert not list((spool / "files").iterdir())


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
