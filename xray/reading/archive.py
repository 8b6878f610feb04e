"""Uploads to files: zips are opened, safely, and everything is counted.

A zip's member names are shown and nothing else: they never become paths. A bad
member gives an error in its own place and never costs the others.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..errors import ImageError
from ..limits import LIMITS
from .zips import is_zip, members

_DIRECTORY_ENTRY = b"PK\x01\x02"
_LONGEST_NAME = 120

File = tuple[str, bytes | ImageError]  # name for display, content or what is wrong


def expand_all(uploads: Iterable[tuple[str, bytes]]) -> Iterator[File]:
    """Turn the files of one upload into files to read, zips opened.

    Drawn one by one, so that one unpacked member is in memory at a time.

    Args:
        uploads: Name and content of each file.

    Yields:
        Name for display, and content or an error. When the upload's limits are
        reached, one last error says so.
    """
    allowance = _Allowance(LIMITS.upload_files, LIMITS.upload_bytes)
    for name, data in uploads:
        for file in _expand(name, data, allowance):
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


_LAST = frozenset({"too_many_files", "upload_too_large"})


def _expand(name: str, data: bytes, allowance: _Allowance) -> Iterator[File]:
    shown = display_name(name)
    try:
        if not is_zip(data):
            allowance.count_file()
            allowance.count_bytes(len(data))
            yield shown, data
            return
        _check_directory(data)
        for member, read in members(data, allowance.count_bytes):
            label = f"{shown} / {display_name(member)}"
            try:
                allowance.count_file()
            except ImageError as error:
                yield label, error
                return
            yield label, read()
    except ImageError as error:
        yield shown, error


def _check_directory(data: bytes) -> None:
    """Count the entries before they are parsed, which takes memory for each."""
    if data.count(_DIRECTORY_ENTRY) > LIMITS.zip_members:
        raise ImageError("too_many_members", limit=f"{LIMITS.zip_members:,}")
