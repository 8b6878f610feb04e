"""Headers with bytes that are surely wrong: the film is read all the same."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom import uid as uids
from pydicom.uid import UID

from tests.dicom_files import UNCOMPRESSED, make_dataset, make_dicom, phantom, to_bytes
from tests.hostile_files import insert
from xray.header.mend import mend
from xray.reading.decoding import decode

_NONE = (b"--", b"  ", b"??", b"\0\0", b"us", b"\xff\xff", b"1A")
_WINDOW: dict[str, Any] = {"WindowCenter": 1000, "WindowWidth": 1500}


def _plain() -> bytes:
    return make_dicom(phantom(), BodyPartExamined="HAND", **_WINDOW)


@pytest.mark.parametrize("vr", _NONE)
@pytest.mark.parametrize("tag", [0x001021B0, 0x00091001, 0x00081030, 0x00281053])
@pytest.mark.parametrize("value", [b"", b"1 ", b"text of some length ", b"\0" * 8])
def test_element_without_a_vr_costs_nothing_but_itself(
    vr: bytes, tag: int, value: bytes
) -> None:
    head = struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value))
    data = insert(_plain(), head + value)
    found = decode(data)
    wanted = decode(_plain())
    np.testing.assert_array_equal(found.samples, wanted.samples)
    assert found.claim == wanted.claim
    assert dcmread(io.BytesIO(mend(data))).BodyPartExamined == "HAND"


@pytest.mark.parametrize("vr", _NONE)
def test_element_without_a_vr_and_with_a_long_length_costs_nothing(vr: bytes) -> None:
    head = struct.pack("<HH2sHI", 0x0009, 0x1001, vr, 0, 70_000)
    data = insert(_plain(), head + bytes(70_000))
    np.testing.assert_array_equal(decode(data).samples, decode(_plain()).samples)


def test_value_under_no_vr_is_still_read() -> None:
    data = make_dicom(phantom(), **_WINDOW)
    place = data.index(b"\x28\0\x50\x10DS")
    changed = data[: place + 4] + b"--" + data[place + 6 :]
    np.testing.assert_array_equal(decode(changed).samples, decode(data).samples)


def test_element_without_a_vr_inside_a_sequence_costs_no_film() -> None:
    bad = struct.pack("<HH2sH", 0x0008, 0x0104, b"??", 4) + b"Hand"
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + bad
    item += struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
    sequence = struct.pack("<HH2sHI", 0x0008, 0x2218, b"SQ", 0, 0xFFFFFFFF) + item
    sequence += struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    found = decode(insert(_plain(), sequence))
    np.testing.assert_array_equal(found.samples, decode(_plain()).samples)
    assert found.claim is not None
    assert found.claim.source == "(0008,2218)"


def test_big_endian_header_is_mended_too() -> None:
    plain = make_dicom(phantom(), uids.ExplicitVRBigEndian, **_WINDOW)
    head = struct.pack(">HH2sH", 0x0009, 0x1001, b"--", 4) + b"text"
    place = plain.index(b"\0\x28\0\x02US")
    data = plain[:place] + head + plain[place:]
    np.testing.assert_array_equal(decode(data).samples, decode(plain).samples)


@pytest.mark.parametrize("syntax", UNCOMPRESSED, ids=lambda syntax: syntax.keyword)
def test_sound_file_stays_as_it_is(syntax: UID) -> None:
    item = Dataset()
    item.CodeValue, item.CodeMeaning = "1", "x"
    data = make_dicom(phantom(), syntax, AnatomicRegionSequence=[item], **_WINDOW)
    assert mend(data) is data


def test_implicit_items_in_an_explicit_file_are_left_alone() -> None:
    text = struct.pack("<HHI", 0x0008, 0x0104, 4) + b"Hand"
    item = struct.pack("<HHI", 0xFFFE, 0xE000, len(text)) + text
    head = struct.pack("<HH2sHI", 0x0008, 0x2218, b"SQ", 0, 0xFFFFFFFF)
    end = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    data = insert(_plain(), head + item + end)
    assert mend(data) is data
    np.testing.assert_array_equal(decode(data).samples, decode(_plain()).samples)


def _renamed(data: bytes, said: UID) -> bytes:
    """Write another UID of the same length as the transfer syntax."""
    place = data.index(b"\x02\0\x10\0UI") + 8
    old = data[place : place + 20].rstrip(b"\0")
    assert len(said) <= len(old) + len(old) % 2
    return data[:place] + said.encode().ljust(20, b"\0") + data[place + 20 :]


@pytest.mark.parametrize(
    "stored", [uids.ExplicitVRLittleEndian, uids.ExplicitVRBigEndian]
)
def test_byte_order_is_that_of_the_bytes(stored: UID) -> None:
    others = {uids.ExplicitVRLittleEndian, uids.ExplicitVRBigEndian} - {stored}
    data = make_dicom(phantom(), stored, BodyPartExamined="HAND", **_WINDOW)
    found = decode(_renamed(data, others.pop()))
    np.testing.assert_array_equal(found.samples, decode(_plain()).samples)
    assert found.claim is not None
    assert found.claim.parts == {9}


def _deflated(level: int, wbits: int) -> bytes:
    data = make_dicom(phantom(), uids.DeflatedExplicitVRLittleEndian, **_WINDOW)
    plain = make_dicom(phantom(), **_WINDOW)
    start = data.index(b"\x02\0\x10\0UI") + 8
    length = struct.unpack("<H", data[start - 2 : start])[0]
    packer = zlib.compressobj(level, wbits=wbits)
    body = plain[plain.index(b"\x08\0\x16\0UI") :]
    head = _meta(data, start + length)
    return head + packer.compress(body) + packer.flush()


def _meta(data: bytes, position: int) -> bytes:
    """Take the file meta information, to its last element."""
    while data[position : position + 2] == b"\x02\0":
        length = struct.unpack("<H", data[position + 6 : position + 8])[0]
        position += 8 + length
    return data[:position]


@pytest.mark.parametrize("level", [0, 1, 6, 9])
@pytest.mark.parametrize("wbits", [-15, 15])
def test_deflated_data_set_may_have_the_header_of_zlib(level: int, wbits: int) -> None:
    found = decode(_deflated(level, wbits)).samples
    np.testing.assert_array_equal(found, decode(_plain()).samples)


def test_data_set_that_is_called_deflated_and_is_not_is_read() -> None:
    data = make_dicom(phantom(), uids.DeflatedExplicitVRLittleEndian, **_WINDOW)
    plain = make_dicom(phantom(), **_WINDOW)
    start = data.index(b"\x02\0\x10\0UI") + 8
    length = struct.unpack("<H", data[start - 2 : start])[0]
    body = plain[plain.index(b"\x08\0\x16\0UI") :]
    found = decode(_meta(data, start + length) + body).samples
    np.testing.assert_array_equal(found, decode(_plain()).samples)


def test_implicit_file_that_is_called_explicit_is_read() -> None:
    data = to_bytes(make_dataset(phantom(), uids.ImplicitVRLittleEndian, **_WINDOW))
    place = data.index(b"\x02\0\x10\0UI") + 6
    longer = struct.pack("<H", 20) + uids.ExplicitVRLittleEndian.encode() + b"\0"
    changed = data[:place] + longer + data[place + 20 :]
    np.testing.assert_array_equal(decode(changed).samples, decode(_plain()).samples)
