"""A limit on how long a process may work on one file."""

import os
import subprocess
import threading
import time
from pathlib import Path

STARVED = 4  # times the limit, by the clock, for a process that is kept waiting
_SHORTEST = 0.05  # seconds between two checks


class Deadline:
    """Ends a process that computes for longer than it may.

    What counts is the process' own time: on a machine with too much to do an honest
    file is not refused for waiting. Where that can't be read, the clock counts.

    Args:
        process: To be killed when it is late.
        seconds: Of its processor time; four times as many by the clock.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self._process = process
        self._seconds = seconds
        self._begun = cpu_seconds(process.pid)
        self._last = time.monotonic() + STARVED * seconds
        self._late = threading.Event()
        self._over = threading.Event()
        self._timer = self._watch(seconds)

    @property
    def is_missed(self) -> bool:
        """Whether the process was ended."""
        return self._late.is_set()

    def cancel(self) -> None:
        """Watch no longer."""
        self._over.set()
        self._timer.cancel()

    def _watch(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._check)
        timer.daemon = True
        timer.start()
        return timer

    def _check(self) -> None:
        used, left = cpu_seconds(self._process.pid), 0.0
        if used is not None and self._begun is not None:
            left = self._seconds - (used - self._begun)
        left = min(left, self._last - time.monotonic())
        if self._over.is_set():
            return
        if left > 0:
            self._timer = self._watch(max(left, _SHORTEST))
            return
        self._late.set()
        self._process.kill()


def cpu_seconds(pid: int) -> float | None:
    """Read a process' processor time in seconds; None where there is no /proc."""
    try:
        # The command's name, in parentheses, may hold spaces (proc_pid_stat(5)).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
    except (OSError, ValueError, IndexError):
        return None
    return ticks / os.sysconf("SC_CLK_TCK")
