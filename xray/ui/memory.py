"""The server's memory: what waits in it, and what searching it for garbage costs."""

import ctypes
import gc
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from weakref import WeakSet

from ..classify.pipeline import Source
from ..errors import ImageError, XrayError
from ..limits import LIMITS
from ..threads import once

# Of glibc's malloc.h: parameters, and the size from which on an array has pages of its
# own, that go back to the system with it.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 128 * 1024  # bytes


@once
def keep_heap_small() -> None:
    """Let freed pictures go back to the system, where glibc would keep them.

    It has a heap for each thread, and raises the size from which on it gives back
    with each large array it sees: of a server of many threads and pictures, a tenth
    of the memory is then neither used nor free.
    """
    if sys.platform != "linux":
        return
    change = getattr(ctypes.CDLL(None), "mallopt", None)
    if change is not None:  # musl has none
        change(_ARENA_MAX, 1)
        change(_MMAP_THRESHOLD, _LARGE)
        change(_TRIM_THRESHOLD, _LARGE)


def settle() -> None:
    """Let go of garbage, and take what is left out of later searches.

    Streamlit searches the whole process after each run of a page's script: a tenth of
    a second, most of it for modules that never go, while every thread waits. What is
    taken out but dies later, such as a closed tab, goes when this is called again.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that is still to be classified."""

    key: str  # SHA-256 of its content
    name: str
    data: bytes

    @property
    def source(self) -> Source:
        """The file as the classifier takes it."""
        return Source(self.name, self.data)


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file that could not be read, and why."""

    file: str
    error: XrayError


class WaitingFiles:
    """What waits in one tab, in order. It ends with its tab, and so do its bytes."""

    def __init__(self) -> None:
        self.bytes = 0
        self._files: deque[Waiting] = deque()
        with _lock:
            _queues.add(self)

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[Waiting]:
        return iter(list(self._files))

    def append(self, file: Waiting) -> None:
        """Let a file wait.

        Raises:
            ImageError: More waits in all tabs together than the server may hold.
        """
        if not self._find_room(file):
            settle()  # perhaps for what a tab that was closed has left behind
            if not self._find_room(file):
                limit = f"{LIMITS.waiting_bytes:,}"
                raise ImageError("server_full", limit=limit)
        self._files.append(file)

    def popleft(self) -> Waiting:
        """Take the first file out."""
        file = self._files.popleft()
        self.bytes -= len(file.data)
        return file

    def clear(self) -> None:
        """Let nothing wait any more."""
        self._files.clear()
        self.bytes = 0

    def _find_room(self, file: Waiting) -> bool:
        """Count a file in, unless it is more than the server may hold."""
        with _lock:
            held = sum(queue.bytes for queue in _queues)
            fits = held + len(file.data) <= LIMITS.waiting_bytes
            self.bytes += fits * len(file.data)
        return fits


_lock = Lock()
_queues: WeakSet[WaitingFiles] = WeakSet()
