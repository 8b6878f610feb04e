"""A lock on a file that ends with the process that holds it, however that ends."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_PAUSE = 0.05  # seconds


@contextmanager
def hold(path: Path, patience: float = 0.0) -> Iterator[bool]:
    """Hold the lock of a file, which is made if absent and stays behind.

    Gives False where another process holds it.

    Args:
        path: Of the file.
        patience: Seconds to wait for it; some where others hold it for a moment only.

    Raises:
        OSError: The file can't be opened.
    """
    with path.open("ab") as file:
        until = time.monotonic() + patience
        while not (is_ours := _try_lock(file)) and time.monotonic() < until:
            time.sleep(_PAUSE)
        yield is_ours


def _try_lock(file: IO[bytes]) -> bool:
    try:
        _lock(file)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _lock(file: IO[bytes]) -> None:
    """Take the lock of an open file, or raise an OSError at once."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
