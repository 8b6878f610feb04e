"""Bytes of a DICOM file put right where they are surely wrong, before they are parsed.

Parsers stumble over three faults that archives hold, and lose the film: a transfer
syntax of the other byte order, a deflated data set with a zlib header or none of it
deflated, and one element whose Value Representation is none. Each is mended in the
bytes, so that everything that reads a file sees the same sound one.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR

from ..limits import LIMITS

_KNOWN = frozenset(vr.value.encode() for vr in VR if len(vr.value) == 2)
_LONG = frozenset(vr.value.encode() for vr in EXPLICIT_VR_LENGTH_32)
_ITEM_GROUP = 0xFFFE
_SEQUENCE_END = 0xFFFEE0DD
_PIXELS = 0x7FE00008
_UNDEFINED = 0xFFFFFFFF
_SYNTAX = b"\x02\x00\x10\x00UI"


def mend(data: bytes) -> bytes:
    """Mend what is surely wrong in a file; the same bytes where nothing is.

    Args:
        data: A whole file, or its head with at least the file meta information.
    """
    start, syntax_place, syntax = _read_meta(data)
    if syntax == DeflatedExplicitVRLittleEndian:
        return _mend_deflated(data, start, syntax_place)
    says_little = syntax != ExplicitVRBigEndian
    little, explicit = _encoding(data[start : start + 8], says_little)
    wanted = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    if explicit and syntax in (ExplicitVRLittleEndian, ExplicitVRBigEndian):
        data = _with_syntax(data, syntax_place, wanted)
    says_implicit = syntax in ("", ImplicitVRLittleEndian)
    return data if says_implicit and not explicit else _mend_vrs(data, start, little)


def _read_meta(data: bytes) -> tuple[int, int, str]:
    """Find where the data set starts, where the syntax's value is, and that."""
    position = 132 if data[128:132] == b"DICM" else 0
    place, syntax = 0, ""
    for _ in range(LIMITS.header_elements):
        if data[position : position + 2] != b"\x02\x00":
            break
        is_long = data[position + 4 : position + 6] in _LONG
        value = position + (12 if is_long else 8)
        length = int.from_bytes(data[value - (4 if is_long else 2) : value], "little")
        if data.startswith(_SYNTAX, position):
            place = value
            syntax = data[value : value + length].decode("latin-1").rstrip("\0 ")
        position = value + length
    return position, place, syntax


def _encoding(head: bytes, says_little: bool) -> tuple[bool, bool]:
    """Say of an element's first bytes whether they are little endian, and explicit."""
    # SOP Class UID is in every data set, so group 0008 comes first.
    little = {b"\x08\0": True, b"\0\x08": False}.get(head[:2], says_little)
    return little, head[4:6] in _KNOWN


def _with_syntax(data: bytes, place: int, syntax: str) -> bytes:
    """Write another Transfer Syntax UID in the place of one that isn't shorter."""
    length = int.from_bytes(data[place - 2 : place], "little")
    value = syntax.encode().ljust(length, b"\0")
    if data[place : place + length] == value:
        return data
    return data[:place] + value + data[place + length :]


def _mend_deflated(data: bytes, start: int, syntax_place: int) -> bytes:
    """Make a data set a raw deflate stream, as PS3.5 A.5 wants it."""
    head = data[start : start + 8]
    if head[:2] == b"\x08\0" and head[4:6] in _KNOWN:
        return _with_syntax(data, syntax_place, ExplicitVRLittleEndian)
    # RFC 1950: window and method, then a check of the two bytes.
    has_zlib_header = head[:1] == b"\x78" and int.from_bytes(head[:2]) % 31 == 0
    if has_zlib_header and not _inflates(data[start:]):
        return data[:start] + data[start + 2 :]
    return data


def _inflates(packed: bytes) -> bool:
    try:
        zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, 64)
    except zlib.error:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk over the elements of a data set in explicit VR."""

    data: bytes
    little: bool

    def number(self, place: int, count: int) -> int:
        """Read an unsigned number of some bytes."""
        order: Literal["little", "big"] = "little" if self.little else "big"
        return int.from_bytes(self.data[place : place + count], order)

    def tag(self, place: int) -> int:
        """Read the tag that an element begins with."""
        return self.number(place, 2) << 16 | self.number(place + 2, 2)

    def vr(self, place: int) -> bytes:
        """Read the two bytes where a VR has to be."""
        return self.data[place + 4 : place + 6]

    def follows(self, place: int, tag: int) -> bool:
        """Say whether an element may begin here, after one with a tag."""
        if place == len(self.data):
            return True
        if place + 8 > len(self.data):
            return False
        found = self.tag(place)
        if found >> 16 == _ITEM_GROUP:
            return True
        is_next = found > tag and dictionary_has_tag(found)
        return self.vr(place) in _KNOWN or is_next


def _mend_vrs(data: bytes, start: int, little: bool) -> bytes:
    """Write a VR where there is none, so that the elements after it are found."""
    changes = list(_find_vrs(_Walk(data, little), start))
    if not changes:
        return data
    mended = bytearray(data)
    for place, vr in changes:
        mended[place + 4 : place + 6] = vr
    return bytes(mended)


def _find_vrs(walk: _Walk, place: int) -> Iterator[tuple[int, bytes]]:
    """Find the elements without a VR before the pixels, and one that fits."""
    depth = 0
    for _ in range(LIMITS.header_elements):
        if place + 8 > len(walk.data):
            return
        tag, vr = walk.tag(place), walk.vr(place)
        if tag >> 16 == _ITEM_GROUP:
            # Items are walked through, not over: those of undefined length end late.
            depth -= tag == _SEQUENCE_END
            place += 8
            continue
        if tag >= _PIXELS and depth <= 0:
            return
        if vr not in _KNOWN and not (vr.isalpha() and vr.isupper()):
            vr = _fitting_vr(walk, place, tag)
            if not vr:
                return
            yield place, vr
        is_long = vr in _LONG
        length = walk.number(place + (8 if is_long else 6), 4 if is_long else 2)
        place += 12 if is_long else 8
        if length != _UNDEFINED:
            place += length
        elif vr == b"SQ":
            depth += 1
        else:
            return  # implicit VR inside, or compressed pixels


def _fitting_vr(walk: _Walk, place: int, tag: int) -> bytes:
    """Choose a VR by which length leads to another element; empty if none does."""
    implicit, short = walk.number(place + 4, 4), walk.number(place + 6, 2)
    expected = dictionary_VR(tag)[:2].encode() if dictionary_has_tag(tag) else b"LO"
    # An empty value under NULs reads the same either way; pydicom would take the
    # whole file for implicit, if it were the first.
    if implicit and walk.follows(place + 8 + implicit, tag):
        return b""  # implicit VR amid explicit, as pydicom reads it
    if walk.follows(place + 8 + short, tag):
        return b"LO" if expected in _LONG else expected
    if short == 0 and walk.follows(place + 12 + walk.number(place + 8, 4), tag):
        return expected if expected in _LONG else b"UN"
    return b""
