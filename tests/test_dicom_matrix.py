"""Every way to store one picture, against its uncompressed twin.

Made from what exists: codec x bits stored x high bit x sign x overlay x offset table
for gray, codec x photometric interpretation x planar configuration x offset table for
color. What can't be is not made: the comments at `_gray_cells` say why.
"""

import io
import struct
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom import uid as uids
from pydicom.uid import UID

from tests.dicom_files import UNCOMPRESSED, make_dataset, phantom, to_bytes
from tests.jpeg_streams import lossy_jpeg
from xray.reading.decoding import decode

_SIZE = (32, 40)  # JPEG 2000 is encoded in six sizes, down to one pixel
_LOSSLESS = (
    uids.RLELossless,
    uids.JPEGLossless,
    uids.JPEGLosslessSV1,
    uids.JPEGLSLossless,
    uids.JPEG2000Lossless,
)
_STORED = (8, 9, 10, 12, 14, 15, 16)
_TABLES = ("right", "empty", "wrong", "each")
_NOISE = np.random.default_rng(7).integers(0, 1 << 16, _SIZE, dtype=np.uint16)


class Gray(NamedTuple):
    """One cell of the gray half."""

    syntax: UID
    stored: int
    high: int
    signed: bool
    overlay: bool
    precision: int  # of the stream
    table: str

    def __str__(self) -> str:
        words = (self.syntax.keyword, self.stored, self.high, "us"[self.signed])
        return "-".join(
            map(str, (*words, "o" if self.overlay else "", self.precision, self.table))
        )


def _gray_cells() -> Iterator[Gray]:
    syntaxes = (*UNCOMPRESSED, *_LOSSLESS)
    for syntax, stored, signed in product(syntaxes, _STORED, (False, True)):
        # A high bit below the stored ones, or beyond the word, can't be.
        for high in sorted({stored - 1, min(stored + 1, 15), 15}):
            # An overlay needs a bit that is not a stored one.
            overlays = (False, True) if stored < 16 else (False,)
            for overlay in overlays:
                # Streams hold the whole word, or the stored bits alone: then neither
                # an overlay nor a high bit above them fits in. RLE and uncompressed
                # pixels are always words.
                depths = {16}
                if syntax in _LOSSLESS[1:] and not overlay and high == stored - 1:
                    depths.add(stored)
                for precision in sorted(depths):
                    # The table is turned through, not multiplied: it is read before
                    # and apart from what the stream holds.
                    turn = (stored + high + signed + overlay + precision) % 4
                    table = _TABLES[turn] if syntax.is_encapsulated else "none"
                    yield Gray(syntax, stored, high, signed, overlay, precision, table)


def _encapsulated(stream: bytes, table: str) -> bytes:
    """Put a stream into three fragments under a table."""
    size = len(stream) // 3 + len(stream) // 3 % 2
    stream += b"\0" * (len(stream) % 2)
    parts = [stream[:size], stream[size : 2 * size], stream[2 * size :]]
    starts = [0, 8 + size, 16 + 2 * size]
    offsets = {"right": [0], "empty": [], "wrong": [4242], "each": starts}[table]
    items = [struct.pack(f"<{len(offsets)}I", *offsets), *parts]
    return b"".join(
        struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items
    )


def _stream(dataset: Dataset) -> bytes:
    """Take the one stream out of the items around it."""
    return bytes(dataset.PixelData[20:])


def _shown(dataset: Dataset) -> NDArray[np.float64]:
    return decode(to_bytes(dataset)).samples / 65535


def _values(stored: int, signed: bool) -> NDArray[np.int64]:
    values = phantom(*_SIZE, stored).astype(np.int64)
    return values - (1 << (stored - 1)) if signed else values


def _window(stored: int, signed: bool) -> dict[str, Any]:
    width = 1 << stored
    return {"WindowCenter": 0 if signed else width // 2, "WindowWidth": width}


def _plain(stored: int, signed: bool) -> NDArray[np.float64]:
    kind = np.int16 if signed else np.uint16
    values = _values(stored, signed).astype(kind)
    return _shown(make_dataset(values, bits=stored, **_window(stored, signed)))


@pytest.mark.parametrize("cell", list(_gray_cells()), ids=str)
def test_gray_is_that_of_the_uncompressed_twin(cell: Gray) -> None:
    mask = (1 << cell.stored) - 1
    shift = cell.high + 1 - cell.stored
    words = (_values(cell.stored, cell.signed) & mask) << shift
    if cell.overlay:
        words |= _NOISE.astype(np.int64) & ~(mask << shift) & 0xFFFF
    pixels = words.astype(np.uint16)
    if cell.precision <= 8:
        pixels = pixels.astype(np.uint8)
    dataset = make_dataset(
        pixels,
        cell.syntax,
        bits=cell.precision,
        BitsAllocated=16,
        BitsStored=cell.stored,
        HighBit=cell.high,
        PixelRepresentation=int(cell.signed),
        **_window(cell.stored, cell.signed),
    )
    if cell.overlay:
        bit = cell.high + 1 if cell.high < 15 else 0
        dataset.add_new(0x60000102, "US", bit)
    if cell.table != "none":
        dataset.PixelData = _encapsulated(_stream(dataset), cell.table)
    np.testing.assert_array_equal(_shown(dataset), _plain(cell.stored, cell.signed))


# Lossy codecs have no high bit and no overlay: neither would outlive the losses. JPEG
# knows 8 and 12 bits, whatever the header says is stored.
_LOSSY = [
    *product([uids.JPEGBaseline8Bit], [8], [8], _TABLES),
    *product([uids.JPEGExtended12Bit], [9, 10, 12], [12], _TABLES),
    *product([uids.JPEGExtended12Bit], [8], [8], _TABLES),
    *((uids.JPEGLSNearLossless, bits, bits, "right") for bits in _STORED),
    *((uids.JPEGLSNearLossless, bits, 16, "each") for bits in _STORED),
]


@pytest.mark.parametrize("allocated", [8, 16])
@pytest.mark.parametrize(("syntax", "stored", "precision", "table"), _LOSSY)
def test_lossy_gray_comes_close_to_the_uncompressed_twin(
    syntax: UID, stored: int, precision: int, table: str, allocated: int
) -> None:
    values = _values(stored, signed=False).astype(np.uint16)
    if precision == 8:
        values = values.astype(np.uint8)
    dataset = make_dataset(
        values,
        syntax,
        bits=precision,
        BitsAllocated=max(allocated, 8 * -(-stored // 8)),
        BitsStored=stored,
        HighBit=stored - 1,
        **_window(stored, signed=False),
    )
    stream = _stream(dataset)
    if syntax == uids.JPEGExtended12Bit:
        stream = lossy_jpeg(values, precision)
    dataset.PixelData = _encapsulated(stream, table)
    wanted = _plain(stored, signed=False)
    np.testing.assert_allclose(_shown(dataset), wanted, atol=0.03)


def _color() -> NDArray[np.uint8]:
    red = phantom(*_SIZE, 8).astype(np.uint8)
    return np.stack([red, red[::-1], red[:, ::-1]], axis=-1)


def _baseline(color: NDArray[np.uint8], subsampling: int) -> bytes:
    file = io.BytesIO()
    height, width = color.shape[:2]
    picture = Image.frombytes("YCbCr", (width, height), color.tobytes())
    picture.save(file, "JPEG", quality=100, subsampling=subsampling)
    return file.getvalue()


@pytest.mark.parametrize("table", _TABLES)
@pytest.mark.parametrize("by_plane", [0, 1])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
@pytest.mark.parametrize("syntax", _LOSSLESS, ids=lambda syntax: syntax.keyword)
def test_color_is_that_of_the_uncompressed_twin(
    syntax: UID, photometric: str, by_plane: int, table: str
) -> None:
    plain = make_dataset(_color(), photometric=photometric)
    packed = make_dataset(
        _color(), syntax, photometric=photometric, PlanarConfiguration=by_plane
    )
    packed.PixelData = _encapsulated(_stream(packed), table)
    np.testing.assert_array_equal(_shown(packed), _shown(plain))


@pytest.mark.parametrize("table", _TABLES)
@pytest.mark.parametrize("by_plane", [0, 1])
@pytest.mark.parametrize(
    ("photometric", "subsampling"), [("YBR_FULL", 0), ("YBR_FULL_422", 1)]
)
def test_color_of_a_lossy_jpeg_comes_close_to_the_uncompressed_twin(
    photometric: str, subsampling: int, by_plane: int, table: str
) -> None:
    smooth: NDArray[Any] = _color()
    plain = make_dataset(smooth, photometric="YBR_FULL")
    packed = make_dataset(
        smooth,
        uids.JPEGBaseline8Bit,
        photometric=photometric,
        PlanarConfiguration=by_plane,
    )
    packed.PixelData = _encapsulated(_baseline(smooth, subsampling), table)
    np.testing.assert_allclose(_shown(packed), _shown(plain), atol=0.03)


@pytest.mark.parametrize("by_plane", [0, 1])
@pytest.mark.parametrize("syntax", UNCOMPRESSED, ids=lambda syntax: syntax.keyword)
def test_planes_of_uncompressed_color_are_those_that_the_tag_says(
    syntax: UID, by_plane: int
) -> None:
    plain = make_dataset(_color(), uids.ExplicitVRLittleEndian, photometric="RGB")
    other = make_dataset(
        _color(), syntax, photometric="RGB", PlanarConfiguration=by_plane
    )
    if by_plane:
        other.PixelData = _color().transpose(2, 0, 1).tobytes()
    np.testing.assert_array_equal(_shown(other), _shown(plain))
