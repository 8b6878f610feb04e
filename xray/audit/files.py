"""Every file of an archive to audit: below folders, and inside zips.

Zips are known by their content. Their members are read one by one into memory,
within limits; their names are labels and never become paths on disk.
"""

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from ..errors import ImageError, UnsupportedImageError, XrayError
from ..limits import LIMITS
from ..reading.archive import DAMAGED, is_zip_file
from ..reading.files import walk

Data = bytes | Path | XrayError

_ENCRYPTED = 0x1  # bit 0 of the general purpose flag, APPNOTE 4.4.4


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
        if is_zip_file(path):
            yield from _members(path, name)
        else:
            yield Found(name, partial(_itself, path))


def _itself(path: Path) -> Data:
    # Pipes and devices would be waited for, perhaps for ever.
    try:
        if path.is_dir():
            return ImageError("unreadable", reason="A folder that can't be listed")
        return path if path.is_file() else UnsupportedImageError("unsupported")
    except OSError:
        return path  # reading it meets the same error, and reports it


def _members(path: Path, name: str) -> Iterator[Found]:
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED:
        error = ImageError("damaged", kind="zip")
        yield Found(name, lambda: error)
        return
    seen: Counter[str] = Counter()
    with archive:
        for info in archive.infolist():
            # Not is_dir(), which fails over a member without a name.
            is_folder = info.filename.endswith("/")
            if is_folder or PurePosixPath(info.filename).name.startswith("."):
                continue
            seen[info.filename] += 1
            again = seen[info.filename]
            label = f"{name}!/{info.filename}" + (f"#{again}" if again > 1 else "")
            yield Found(label, partial(_read_member, archive, info))
    if not seen:
        empty = ImageError("empty_zip")
        yield Found(name, lambda: empty)


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Data:
    refused = ImageError("zip_member", limit=f"{LIMITS.file_bytes:,} bytes")
    if (
        info.flag_bits & _ENCRYPTED
        or info.file_size > LIMITS.file_bytes
        or info.file_size > LIMITS.zip_ratio * max(1, info.compress_size)
    ):
        return refused
    try:
        with archive.open(info) as member:
            data = member.read(info.file_size + 1)
    except DAMAGED:
        return refused
    return data if len(data) == info.file_size else refused
