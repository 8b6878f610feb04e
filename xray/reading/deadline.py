"""A limit on how long a process may work on one file."""

import os
import subprocess
import threading
import time
from pathlib import Path

STARVED = 4  # times the limit, by the clock, for a process that is kept waiting
_PAUSE = 0.05  # seconds between two rounds of the watch


class Deadline:
    """Ends a process that computes for longer than it may.

    What counts is the process' own time: on a machine with too much to do an honest
    file is not refused for waiting. Where that can't be read, the clock counts.

    Args:
        process: To be killed when it is late.
        seconds: Of its processor time; four times as many by the clock.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.is_missed = False  # whether the process was ended
        self._process = process
        self._seconds = seconds
        self._begun = cpu_seconds(process.pid)
        self._next = time.monotonic() + seconds  # no earlier can it be late
        self._last = time.monotonic() + STARVED * seconds
        _WATCH.add(self)

    def cancel(self) -> None:
        """Watch no longer."""
        _WATCH.drop(self)

    def check(self, now: float) -> None:
        """End the process if it is late."""
        if now < self._next:
            return
        used, left = cpu_seconds(self._process.pid), 0.0
        if used is not None and self._begun is not None:
            left = self._seconds - (used - self._begun)
        left = min(left, self._last - now)
        self._next = now + left
        if left <= 0:
            self.is_missed = True
            self._process.kill()


class _Watch:
    """One thread that checks every deadline: a thread a file would cost its start."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew; the thread of before a fork is not there after it."""
        self._lock = threading.Lock()
        self._open: set[Deadline] = set()
        self._any = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, deadline: Deadline) -> None:
        with self._lock:
            self._open.add(deadline)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        self._any.set()

    def drop(self, deadline: Deadline) -> None:
        # Under the lock: after this no check can end what works on another file.
        with self._lock:
            self._open.discard(deadline)

    def _run(self) -> None:
        while self._any.wait():
            with self._lock:
                now = time.monotonic()
                for deadline in [each for each in self._open if not each.is_missed]:
                    deadline.check(now)
                if not self._open:
                    self._any.clear()
            time.sleep(_PAUSE)


_WATCH = _Watch()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_WATCH.reset)


def cpu_seconds(pid: int) -> float | None:
    """Read a process' processor time in seconds; None where there is no /proc."""
    try:
        # The command's name, in parentheses, may hold spaces (proc_pid_stat(5)).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
    except (OSError, ValueError, IndexError):
        return None
    return ticks / os.sysconf("SC_CLK_TCK")
