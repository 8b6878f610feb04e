"""One audit at a time in a folder: a lock that ends with its process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import DatasetError
from ..reading.files import make_folder, unwritable

LOCK_NAME = "audit.lock"  # stays behind, and means nothing without its lock


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a report's folder to this audit, until it ends or its process dies.

    Args:
        folder: Made if absent.

    Raises:
        DatasetError: Another audit is writing into it.
        ImageError: The folder can't be written to.
    """
    make_folder(folder)
    path = folder / LOCK_NAME
    try:
        file = path.open("ab")
    except OSError as error:
        raise unwritable(path, error) from error
    with file:
        try:
            _lock(file)
        except (BlockingIOError, PermissionError) as error:
            raise DatasetError(
                f"Expected no other audit to be writing into {folder}. Received: "
                f"{path} is locked by one. Wait until it ends or stop it, or choose "
                "another --out."
            ) from error
        yield


def _lock(file: IO[bytes]) -> None:
    """Take the lock of an open file, or raise an OSError at once."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
