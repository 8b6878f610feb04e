"""One audit at a time in a folder: a lock that ends with its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import DatasetError
from ..lock import hold
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
    file.close()
    with hold(path) as is_ours:
        if not is_ours:
            raise DatasetError(
                f"Expected no other audit to be writing into {folder}. Received: "
                f"{path} is locked by one. Wait until it ends or stop it, or choose "
                "another --out."
            )
        yield
