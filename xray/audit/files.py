"""Every file of an archive to audit: below folders, and inside zips.

Zips are known by their content. Their members are read one by one into memory,
within limits; their names are labels and never become paths on disk.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..errors import ImageError, XrayError
from ..reading.files import is_folder, require_regular, walk
from ..reading.zips import is_zip_file, members

Data = bytes | Path | XrayError


@dataclass(frozen=True, slots=True)
class Found:
    """One file of an archive, not yet read."""

    path: str  # below the folder, with "/"; a zip's member follows "!/"
    read: Callable[[], Data]  # while the iterator stands on this file


def find(folder: Path, skip: Path | None = None) -> Iterator[Found]:
    """List every file of an archive, in the same order each time.

    Args:
        folder: Read recursively; a single file is an archive of one.
        skip: A folder to leave out, as the report's own.
    """
    for path in walk([folder], without=skip):
        name = path.relative_to(folder).as_posix() if path != folder else path.name
        yield from open_file(path, name)


def open_file(path: Path, name: str) -> Iterator[Found]:
    """Give a file, or each member if it is a zip, under a name."""
    if is_zip_file(path):
        yield from open_zip(path, name)
    else:
        yield Found(name, partial(_itself, path))


def open_zip(zipped: Path | bytes, name: str) -> Iterator[Found]:
    """Give each member of a zip, or what is wrong with it, under a name."""
    seen: Counter[str] = Counter()
    try:
        for member, read in members(zipped):
            seen[member] += 1
            again = f"#{seen[member]}" if seen[member] > 1 else ""
            yield Found(f"{name}!/{member}{again}", read)
    except ImageError as error:
        yield refused(name, error)


def refused(name: str, error: ImageError) -> Found:
    """Give a file of which it is known what is wrong."""
    return Found(name, lambda: error)


def _itself(path: Path) -> Data:
    if is_folder(path):
        return ImageError("unreadable", reason="A folder that can't be listed")
    try:
        require_regular(path)
    except ImageError as error:
        return error
    return path
