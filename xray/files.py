"""Files on disk: found below folders, and read whole within the limits."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from .errors import ImageError
from .limits import LIMITS


def read_file(path: Path) -> bytes:
    """Read a whole file.

    Raises:
        ImageError: The file can't be opened, or is larger than the limit.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LIMITS.file_bytes + 1)
    except OSError as error:
        raise ImageError(
            "unreadable", reason=error.strerror or type(error).__name__
        ) from error
    if len(data) > LIMITS.file_bytes:
        raise ImageError(
            "file_too_large",
            limit=f"{LIMITS.file_bytes:,} bytes",
            received=f"{path.stat().st_size:,} bytes",
        )
    return data


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """List files, and those below folders, folder by folder in order of name.

    Lazy: ten thousand files cost no more memory than ten. Hidden files and
    folders are left out, and so are links to folders, which may run in circles.
    A path that isn't a folder is passed on as it is, also if it doesn't exist.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, below, names in os.walk(path):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith("."):
                    yield Path(folder, name)
