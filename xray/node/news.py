"""What wakes the two threads of an association.

pynetdicom 3.0.4 lets each look for news a thousand times a second, as long as the
association is open: 3 % of a core for one that does nothing, and as many demands for
Python's lock. Here they sleep until there is a byte, a message or something to send,
and look up ten times a second for what no queue tells: time limits, and the end.
"""

import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Queue
from typing import Any

_LOOK_UP_SECONDS = 0.1


class ToldQueue(Queue[Any]):
    """A queue that says when something is put into it.

    Args:
        tell: Called after each, on the thread that puts it.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self._tell = tell

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put something into it, and say so."""
        super().put(item, block, timeout)
        self._tell()


class MessageNews:
    """Wakes the thread that answers messages."""

    def __init__(self) -> None:
        self._told = threading.Event()

    def tell(self) -> None:
        """Wake who waits, or who waits next."""
        self._told.set()

    def wait(self) -> None:
        """Wait until something is told, but not for long."""
        self._told.wait(_LOOK_UP_SECONDS)
        self._told.clear()


class LineNews:
    """Wakes the thread that reads and writes, which waits for its line as well."""

    def __init__(self) -> None:
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)

    def tell(self) -> None:
        """Wake who waits, or who waits next."""
        with suppress(OSError):  # told often enough, or the association is no more
            self._waker.send(b"\0")

    def wait(self, line: socket.socket) -> None:
        """Wait until something is told or a byte is there, but not for long."""
        with suppress(OSError, ValueError):  # the line is closed: who reads it, says so
            select.select([line, self._woken], [], [], _LOOK_UP_SECONDS)
        with suppress(OSError):
            self._woken.recv(4096)

    def close(self) -> None:
        """Let go of what it waits with."""
        self._woken.close()
        self._waker.close()
