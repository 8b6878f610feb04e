"""Every file of an archive to audit: below folders, and inside zips.

Each is opened once. Zips are known by their content. Their members are read one by one
into memory, within limits; their names are labels and never become paths on disk.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from ..errors import ImageError
from ..reading.files import is_folder, opened, read_opened, walk
from ..reading.zips import is_zip, members

Data = bytes | ImageError


@dataclass(frozen=True, slots=True)
class Found:
    """One file of an archive, not yet read."""

    path: str  # below the folder, with "/"; a zip's member follows "!/"
    read: Callable[[], Data]  # while the iterator stands on this file


def find(
    folder: Path,
    skip: Path | None = None,
    is_known: Callable[[str], bool] = lambda _path: False,
) -> Iterator[Found]:
    """List every file of an archive, in the same order each time.

    Args:
        folder: Read recursively; a single file is an archive of one.
        skip: A folder to leave out, as the report's own.
        is_known: Says of a path as in `Found` whether not even to open it.
    """
    for path in walk([folder], without=skip):
        name = path.relative_to(folder).as_posix() if path != folder else path.name
        if not is_known(name):
            yield from open_file(path, name)


def open_file(path: Path, name: str) -> Iterator[Found]:
    """Give a file, or each member if it is a zip, under a name."""
    if is_folder(path):
        reason = "A folder that can't be listed"
        yield refused(name, ImageError("unreadable", reason=reason))
        return
    try:
        with opened(path) as file:
            if _begins_as_zip(file):
                yield from open_zip(file, name)
            else:
                yield Found(name, lambda: _read(file, path))
    except ImageError as error:
        yield refused(name, error)


def open_zip(zipped: BinaryIO | bytes, name: str) -> Iterator[Found]:
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


def _begins_as_zip(file: BufferedReader) -> bool:
    try:
        return is_zip(file.peek(4))
    except OSError:
        return False  # reading it meets the same error, and reports it


def _read(file: BufferedReader, path: Path) -> Data:
    try:
        return read_opened(file, path)
    except ImageError as error:
        return error
