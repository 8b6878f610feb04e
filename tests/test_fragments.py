"""Fragments of compressed frames, and tables of offsets that tell untruths."""

import struct

import numpy as np
import pytest
from pydicom import uid as uids
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from tests.dicom_files import make_dataset, make_dicom, phantom, to_bytes
from xray.errors import ImageError
from xray.reading.decoding import decode

_CODECS = (
    uids.RLELossless,
    uids.JPEGBaseline8Bit,
    uids.JPEGLosslessSV1,
    uids.JPEGLSLossless,
    uids.JPEG2000Lossless,
)
_PICTURE = phantom(bits=8).astype(np.uint8)
_FRAMES = [np.roll(_PICTURE, 9 * turn, axis=0) for turn in range(3)]


def _item(value: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value


def _stream(picture: np.ndarray, syntax: UID) -> bytes:
    value = make_dataset(picture, syntax).PixelData
    table = struct.unpack("<I", value[4:8])[0]
    return bytes(value[8 + table + 8 :])


def _cut(stream: bytes, count: int) -> list[bytes]:
    size = -(-len(stream) // count) + 1
    size += size % 2
    return [stream[i : i + size] for i in range(0, len(stream), size)]


def _file(syntax: UID, table: list[int], fragments: list[bytes], frames: int) -> bytes:
    dataset = make_dataset(_PICTURE, syntax, WindowCenter=128, WindowWidth=256)
    dataset.NumberOfFrames = frames
    offsets = struct.pack(f"<{len(table)}I", *table)
    dataset.PixelData = b"".join(map(_item, [offsets, *fragments]))
    return to_bytes(dataset)


def _offsets(fragments: list[bytes]) -> list[int]:
    return [
        sum(8 + len(before) for before in fragments[:number])
        for number in range(len(fragments))
    ]


@pytest.mark.parametrize("syntax", _CODECS, ids=lambda syntax: syntax.keyword)
@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("table", ["none", "right", "wrong", "each", "beyond", "odd"])
def test_one_frame_is_all_fragments_whatever_the_table_says(
    syntax: UID, count: int, table: str
) -> None:
    fragments = _cut(_stream(_PICTURE, syntax), count)
    tables = {
        "none": [],
        "right": [0],
        "wrong": [4242],
        "each": _offsets(fragments),
        "beyond": [0xFFFFFFFF, 0],
        "odd": [0, 3, 5, 7, 9, 11, 13, 15, 17, 19],
    }
    plain = make_dicom(_PICTURE, syntax, WindowCenter=128, WindowWidth=256)
    found = decode(_file(syntax, tables[table], fragments, 1)).samples
    np.testing.assert_array_equal(found, decode(plain).samples)


@pytest.mark.parametrize("syntax", _CODECS, ids=lambda syntax: syntax.keyword)
@pytest.mark.parametrize("table", ["none", "right", "wrong", "each"])
@pytest.mark.parametrize("count", [1, 3])
def test_several_frames_are_told_apart(syntax: UID, table: str, count: int) -> None:
    parts = [_cut(_stream(frame, syntax), count) for frame in _FRAMES]
    fragments = [fragment for part in parts for fragment in part]
    starts = [0, len(parts[0]), len(parts[0] + parts[1])]
    tables = {
        "none": [],
        "right": [_offsets(fragments)[start] for start in starts],
        "wrong": [0, 10, 20],
        "each": _offsets(fragments),
    }
    data = _file(syntax, tables[table], fragments, 3)
    plain = make_dicom(_FRAMES[1], syntax, WindowCenter=128, WindowWidth=256)
    np.testing.assert_array_equal(decode(data).samples, decode(plain).samples)


def test_fragments_that_nothing_tells_apart_are_refused() -> None:
    fragments = _cut(_stream(_PICTURE, uids.JPEG2000Lossless), 5)
    with pytest.raises(ImageError) as caught:
        decode(_file(uids.JPEG2000Lossless, [], fragments, 2))
    assert caught.value.key == "undecodable"


@pytest.mark.parametrize("padding", [b"\0", b"\0" * 999, b"\xff" * 5000, b" " * 65])
@pytest.mark.parametrize("syntax", _CODECS, ids=lambda syntax: syntax.keyword)
def test_padding_after_a_stream_is_passed_over(syntax: UID, padding: bytes) -> None:
    if syntax == uids.RLELossless and padding[0] != 0:
        padding = b"\0" * len(padding)  # anything else is a run of values
    stream = _stream(_PICTURE, syntax) + padding
    stream += b"\0" * (len(stream) % 2)
    plain = make_dicom(_PICTURE, syntax, WindowCenter=128, WindowWidth=256)
    np.testing.assert_array_equal(
        decode(_file(syntax, [], [stream], 1)).samples, decode(plain).samples
    )


def test_jpeg_ls_without_its_end_is_refused_at_once() -> None:
    stream = _stream(_PICTURE, uids.JPEGLSLossless)
    end = stream.rindex(b"\xff\xd9")
    with pytest.raises(ImageError) as caught:
        decode(_file(uids.JPEGLSLossless, [], [stream[:end] + b"\0" * (end % 2)], 1))
    assert caught.value.key == "undecodable"


def test_jpeg_2000_in_its_file_format_is_read() -> None:
    stream = _stream(_PICTURE, uids.JPEG2000Lossless)
    boxes = b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0\0\0\0jp2c"
    dataset = make_dataset(
        _PICTURE, uids.JPEG2000Lossless, WindowCenter=128, WindowWidth=256
    )
    plain = decode(to_bytes(dataset)).samples
    dataset.PixelData = encapsulate([boxes + stream])
    np.testing.assert_array_equal(decode(to_bytes(dataset)).samples, plain)
