"""The limit on a process' time: its own counts, not the time it is kept waiting."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from xray.reading import deadline as deadline_module
from xray.reading.deadline import STARVED, Deadline, cpu_seconds

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def busy() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that computes without end."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield process
    process.kill()
    process.wait()


def test_process_that_computes_too_long_is_ended(busy) -> None:
    deadline = Deadline(busy, 0.3)
    assert busy.wait(20) == -signal.SIGKILL
    assert deadline.is_missed


@linux
def test_process_that_is_kept_waiting_gets_more_time(busy) -> None:
    os.kill(busy.pid, signal.SIGSTOP)
    begun = time.monotonic()
    deadline = Deadline(busy, 0.3)
    assert busy.wait(20) == -signal.SIGKILL
    assert time.monotonic() - begun > 0.9 * STARVED * 0.3
    assert deadline.is_missed


def test_process_that_is_done_in_time_is_left_alone(busy) -> None:
    os.kill(busy.pid, signal.SIGSTOP)
    deadline = Deadline(busy, 0.1)
    deadline.cancel()
    time.sleep(0.3)
    assert busy.poll() is None
    assert not deadline.is_missed


def test_clock_counts_where_processor_time_is_unknown(busy, monkeypatch) -> None:
    monkeypatch.setattr(deadline_module, "cpu_seconds", lambda _pid: None)
    os.kill(busy.pid, signal.SIGSTOP)
    begun = time.monotonic()
    Deadline(busy, 0.3)
    busy.wait(20)
    assert time.monotonic() - begun < 0.9 * STARVED * 0.3


@linux
def test_own_processor_time_is_what_the_system_says() -> None:
    found = cpu_seconds(os.getpid())
    times = os.times()
    assert found == pytest.approx(times.user + times.system, abs=0.1)
    assert cpu_seconds(2**22 + 1) is None
