"""What is inside a zip: its members one by one, each with its own failure.

What a zip promises is not believed; bytes are counted as they unpack. Members never
become paths on disk. A zip is known by its content, whatever it is called.
"""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ..errors import ImageError
from ..limits import LIMITS
from .files import too_large

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # with members, and without any

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK = 1 << 20
# Below this a member is harmless, however well it is packed.
_SMALL = 1 << 20
# Hidden files and folders, but not the way up ("../"), and systems' own.
_JUNK = re.compile(
    r"(^|/)(__MACOSX/|\.(?!\.?(/|$))|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE
)
# What zipfile and its unpackers raise over damaged input.
_DAMAGED = (
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

# A member's name as the zip has it, and what unpacks it.
Member = tuple[str, Callable[[], bytes | ImageError]]


def is_zip(data: bytes) -> bool:
    """Say whether bytes begin as a zip file does."""
    return data.startswith(ZIP_MAGIC)


def members(
    zipped: Path | BinaryIO | bytes,
    count: Callable[[int], None] = lambda _bytes: None,
    hidden: bool = False,
) -> Iterator[Member]:
    """List a zip's files, without folders and what systems add on their own.

    Args:
        zipped: A path or an open file, of any size and with any number of members, or
            its content.
        count: Is told of the bytes as they unpack, and may raise.
        hidden: Whether those that systems add, or whose names begin with a dot, are
            listed too.

    Yields:
        Name, and a function to call while the iterator stands on this member. It
        gives the content, or what is wrong: encrypted, damaged, a zip itself or over
        a limit.

    Raises:
        ImageError: No member can be listed, or there is none.
    """
    try:
        source = io.BytesIO(zipped) if isinstance(zipped, bytes) else zipped
        archive = zipfile.ZipFile(source)
    except _DAMAGED as error:
        raise ImageError("damaged", kind="ZIP") from error
    with archive:
        listed = [
            member
            for member in archive.infolist()
            # Not is_dir(), which fails over a member without a name.
            if not member.filename.endswith("/")
            and (hidden or not _JUNK.search(member.filename))
        ]
        if not listed:
            raise ImageError("empty_zip")
        for member in listed:
            yield member.filename, partial(_unpack, archive, member, count)


def _unpack(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, count: Callable[[int], None]
) -> bytes | ImageError:
    try:
        return _read(archive, member, count)
    except ImageError as error:
        return error


def _read(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, count: Callable[[int], None]
) -> bytes:
    if member.flag_bits & 1 or member.compress_type not in _METHODS:
        raise ImageError("zip_unreadable")
    parts: list[bytes] = []
    size = 0
    try:
        with archive.open(member) as stream:
            while part := stream.read(_CHUNK):
                size += len(part)
                count(len(part))
                _check_size(size, member)
                parts.append(part)
    except _DAMAGED as error:
        raise ImageError("damaged", kind="ZIP") from error
    data = b"".join(parts)
    if is_zip(data):
        raise ImageError("nested_zip")
    return data


def _check_size(size: int, member: zipfile.ZipInfo) -> None:
    if size > LIMITS.file_bytes:
        raise too_large()
    if size > _SMALL and size > LIMITS.zip_ratio * max(1, member.compress_size):
        raise ImageError("zip_ratio", limit=LIMITS.zip_ratio)
