"""Files to read, each under a name: below folders, inside zips, dropped on the page.

Each is opened once. Zips are known by their content. Their members are read one by one
into memory, within limits; a name is a label, and never becomes a path on disk. A bad
member gives an error in its own place and never costs the others.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ..errors import ImageError
from ..limits import LIMITS
from .files import is_folder, opened, read_opened, walk
from .zips import is_zip, members

_DIRECTORY_ENTRY = b"PK\x01\x02"
_LONGEST_NAME = 120
_LAST = frozenset({"too_many_files", "upload_too_large"})

Data = bytes | ImageError  # content, or what is wrong
File = tuple[str, Data]  # name for display


@dataclass(frozen=True, slots=True)
class Naming:
    """How members of a zip are called; no two of one zip alike."""

    between: str  # the zip's name and the member's
    again: str  # behind the second of a name, with its number
    whole: bool  # the member's path as the zip has it, not what is safe to show


SHOWN = Naming(" / ", " ({})", whole=False)
PATHS = Naming("!/", "#{}", whole=True)


@dataclass(frozen=True, slots=True)
class Found:
    """One file, not yet read."""

    path: str  # its name, as the caller and `Naming` have it
    read: Callable[[], Data]  # while the iterator stands on this file


def find(folder: Path, skip: Path | None = None) -> Iterator[Found]:
    """List every file of an archive, hidden ones too, in the same order each time.

    A single file is an archive of one.
    """
    for path in walk([folder], without=skip, hidden=True):
        yield from open_file(path, name_below(folder, path))


def name_below(folder: Path, path: Path) -> str:
    """Name a file as an archive does: its path below the folder, with "/"."""
    return path.relative_to(folder).as_posix() if path != folder else path.name


def open_file(path: Path, name: str, naming: Naming = PATHS) -> Iterator[Found]:
    """Give a file, or each member if it is a zip, under a name."""
    if is_folder(path):
        reason = "A folder that can't be listed"
        yield refused(name, ImageError("unreadable", reason=reason))
        return
    try:
        with opened(path) as file:
            if _begins_as_zip(file):
                yield from open_zip(file, name, naming)
            else:
                yield Found(name, lambda: _read(file, path))
    except ImageError as error:
        yield refused(name, error)


def open_zip(
    zipped: BinaryIO | bytes,
    name: str,
    naming: Naming = PATHS,
    count: Callable[[int], None] = lambda _bytes: None,
) -> Iterator[Found]:
    """Give each member of a zip, or what is wrong with it, under the zip's name.

    By whole paths, all are given, hidden ones too; `count` is as for `zips.members`.
    """
    seen: Counter[str] = Counter()
    try:
        for member, read in members(zipped, count, hidden=naming.whole):
            shown = member if naming.whole else display_name(member)
            label = f"{name}{naming.between}{shown}"
            seen[label] += 1
            again = naming.again.format(seen[label]) if seen[label] > 1 else ""
            yield Found(label + again, read)
    except ImageError as error:
        yield refused(name, error)


def refused(name: str, error: ImageError) -> Found:
    """Give a file of which it is known what is wrong."""
    return Found(name, lambda: error)


def expand_all(uploads: Iterable[tuple[str, bytes]]) -> Iterator[File]:
    """Turn the files of one upload into files to read, zips opened.

    Drawn one by one, so that one unpacked member is in memory at a time. Each has its
    name for display, and content or an error; when the upload's limits are reached,
    one last error says so.
    """
    allowance = _Allowance(LIMITS.upload_files, LIMITS.upload_bytes)
    for name, data in uploads:
        for file in _expand(display_name(name), data, allowance):
            yield file
            if isinstance(file[1], ImageError) and file[1].key in _LAST:
                return


def display_name(name: str) -> str:
    """Reduce a path to a name that is safe to show: no folders, no controls."""
    base = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(char for char in base if unicodedata.category(char)[0] != "C")
    return shown.strip()[:_LONGEST_NAME] or "?"


@dataclass
class _Allowance:
    """What an upload may still bring."""

    files: int
    bytes: int

    def count_file(self) -> None:
        self.files -= 1
        if self.files < 0:
            raise ImageError("too_many_files", limit=f"{LIMITS.upload_files:,}")

    def count_bytes(self, count: int) -> None:
        self.bytes -= count
        if self.bytes < 0:
            raise ImageError("upload_too_large", limit=f"{LIMITS.upload_bytes:,}")


def _expand(shown: str, data: bytes, allowance: _Allowance) -> Iterator[File]:
    label = shown
    try:
        if not is_zip(data):
            allowance.count_file()
            allowance.count_bytes(len(data))
            yield shown, data
            return
        _check_directory(data)
        for found in open_zip(data, shown, SHOWN, allowance.count_bytes):
            label = found.path
            allowance.count_file()
            yield label, found.read()
    except ImageError as error:
        yield label, error


def _check_directory(data: bytes) -> None:
    """Count the entries before they are parsed, which takes memory for each."""
    if data.count(_DIRECTORY_ENTRY) > LIMITS.zip_members:
        raise ImageError("too_many_members", limit=f"{LIMITS.zip_members:,}")


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
