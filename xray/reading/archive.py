"""Uploads to files: zips are opened, safely, and everything is counted.

A zip's member names are shown and nothing else: they never become paths. What
a zip promises is not believed; bytes are counted as they unpack. A bad member
gives an error in its own place and never costs the others.
"""

import io
import lzma
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import ImageError
from ..limits import LIMITS

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # with members, and without any

_DIRECTORY_ENTRY = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK = 1 << 20
# Below this a member is harmless, however well it is packed.
_SMALL = 1 << 20
_LONGEST_NAME = 120
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
# What zipfile and its unpackers raise over damaged input.
DAMAGED = (
    EOFError,
    LookupError,
    OSError,
    RuntimeError,  # NotImplementedError among them
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)

File = tuple[str, bytes | ImageError]  # name for display, content or what is wrong


def is_zip(data: bytes) -> bool:
    """Say whether bytes begin as a zip file does."""
    return data.startswith(ZIP_MAGIC)


def is_zip_file(path: Path) -> bool:
    """Say whether a file begins as a zip does; one that can't be read doesn't."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return is_zip(file.read(4))
    except OSError:
        return False  # who reads it as a picture meets the same error, and reports it


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


def expand(name: str, data: bytes) -> Iterator[File]:
    """Turn one file into files to read: itself, or a zip's members."""
    return expand_all([(name, data)])


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
        archive = _open(data)
    except ImageError as error:
        yield shown, error
        return
    members = [member for member in archive.infolist() if not _is_junk(member)]
    if not members:
        yield shown, ImageError("empty_zip")
    for member in members:
        label = f"{shown} / {display_name(member.filename)}"
        try:
            allowance.count_file()
            yield label, _read(archive, member, allowance)
        except ImageError as error:
            yield label, error
            if error.key in _LAST:
                return


def _is_junk(member: zipfile.ZipInfo) -> bool:
    """Say whether a member is a folder, or one of the system's own files."""
    # Not is_dir(), which fails over a member without a name.
    return member.filename.endswith("/") or bool(_JUNK.search(member.filename))


def _open(data: bytes) -> zipfile.ZipFile:
    # Counted before the directory is parsed, which takes memory for each entry.
    if data.count(_DIRECTORY_ENTRY) > LIMITS.zip_members:
        raise ImageError("too_many_members", limit=f"{LIMITS.zip_members:,}")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except DAMAGED as error:
        raise ImageError("damaged", kind="ZIP") from error


def _read(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowance: _Allowance
) -> bytes:
    """Unpack a member, counting what really comes out.

    Raises:
        ImageError: It is encrypted, damaged, a zip itself or over a limit.
    """
    if member.flag_bits & 1 or member.compress_type not in _METHODS:
        raise ImageError("zip_unreadable")
    parts: list[bytes] = []
    size = 0
    try:
        with archive.open(member) as stream:
            while part := stream.read(_CHUNK):
                size += len(part)
                allowance.count_bytes(len(part))
                _check_size(size, member)
                parts.append(part)
    except DAMAGED as error:
        raise ImageError("damaged", kind="ZIP") from error
    data = b"".join(parts)
    if is_zip(data):
        raise ImageError("nested_zip")
    return data


def _check_size(size: int, member: zipfile.ZipInfo) -> None:
    if size > LIMITS.file_bytes:
        raise ImageError(
            "file_too_large",
            limit=f"{LIMITS.file_bytes:,} bytes",
            received=f"> {LIMITS.file_bytes:,} bytes",
        )
    if size > _SMALL and size > LIMITS.zip_ratio * max(1, member.compress_size):
        raise ImageError("zip_ratio", limit=LIMITS.zip_ratio)
