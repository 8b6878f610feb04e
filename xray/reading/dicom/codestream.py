"""What compressed pixel data say of themselves, checked before they are decoded.

The bytes decide how a frame is decoded, not Transfer Syntax UID (0002,0010): the
first ones of each codec are unmistakable, and headers are often wrong.
"""

from dataclasses import dataclass, replace
from enum import Enum

from pydicom import uid as uids
from pydicom.uid import UID

from ...errors import ImageError
from .layout import Layout

_JPEG = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
_J2K = b"\xff\x4f\xff\x51"
_JP2 = b"\0\0\0\x0cjP  "
_COD = b"\xff\x52"  # coding style of a JPEG 2000 codestream
_START_OF_FRAME = (frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {0xF7}
_START_OF_SCAN = 0xDA
_MOST_BITS = 16  # of a JPEG sample
_RLE_HEADER = 64  # bytes: the number of segments and where each begins


class Codec(Enum):
    """How a frame is compressed; the values are names to show."""

    JPEG = "JPEG"  # lossy, by discrete cosine transform
    LOSSLESS = "JPEG Lossless"
    JPEG_LS = "JPEG-LS"
    JPEG2000 = "JPEG 2000"
    RLE = "RLE Lossless"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a codestream's own header says that it holds."""

    codec: Codec
    columns: int
    rows: int
    samples: int  # per pixel
    precision: int  # bits of a sample
    signed: bool = False  # only JPEG 2000 says
    lossy: bool = False
    scan: int = 0  # where the compressed values begin


def codec_of(syntax: UID) -> Codec:
    """Say which codec a compressed transfer syntax stands for."""
    if syntax == uids.RLELossless:
        return Codec.RLE
    if syntax in uids.JPEGLSTransferSyntaxes:
        return Codec.JPEG_LS
    if syntax in (uids.JPEGLossless, uids.JPEGLosslessSV1):
        return Codec.LOSSLESS
    is_jpeg = syntax in (uids.JPEGBaseline8Bit, uids.JPEGExtended12Bit)
    return Codec.JPEG if is_jpeg else Codec.JPEG2000


def read_promise(source: bytes) -> Promise | None:
    """Read the header of a JPEG, JPEG-LS or JPEG 2000 codestream.

    Returns:
        None where the stream has no such header (RLE, or damaged).
    """
    if source.startswith(_J2K) and len(source) >= 43:
        # SIZ (ISO 15444-1 A.5.1): extent minus offset on the reference grid.
        x, y, x0, y0 = (int.from_bytes(source[i : i + 4]) for i in (8, 12, 16, 20))
        samples, depth = int.from_bytes(source[40:42]), source[42]
        return Promise(
            codec=Codec.JPEG2000,
            columns=x - x0,
            rows=y - y0,
            samples=samples,
            precision=(depth & 0x7F) + 1,
            signed=depth > 0x7F,
            lossy=_is_irreversible(source, 42 + 3 * samples),
        )
    return _read_jpeg(source) if source.startswith(_JPEG) else None


def read_rle_promise(source: bytes, layout: Layout) -> Promise | None:
    """Read the header of an RLE frame (PS3.5 G.5), which knows no size.

    Returns:
        None where the bytes are no such header, or of another number of samples.
    """
    segments, *offsets = (
        int.from_bytes(source[i : i + 4], "little") for i in range(0, _RLE_HEADER, 4)
    )
    used, unused = offsets[:segments], offsets[segments:]
    width, rest = divmod(segments, layout.samples)
    is_header = used[:1] == [_RLE_HEADER] and used == sorted(used) and not any(unused)
    if not is_header or rest or width not in (1, 2, 4) or used[-1] >= len(source):
        return None
    return Promise(
        Codec.RLE, layout.columns, layout.rows, layout.samples, precision=8 * width
    )


def strip_wrapping(source: bytes) -> bytes:
    """Take a JPEG 2000 codestream out of the file format it may lie in."""
    if source.startswith(_JP2):
        start = source.find(_J2K)
        return source[start:] if start > 0 else source
    return source


def strip_padding(source: bytes, promise: Promise) -> bytes:
    """Cut what follows the end of a JPEG-LS codestream.

    CharLS spends seconds beyond the end of a stream that is cut short. Inside the
    values the marker can't come up: a 0 bit follows each byte of ones.

    Returns:
        The stream up to its end; empty where it has none.
    """
    if promise.codec is not Codec.JPEG_LS:
        return source
    end = source.find(_JPEG_END, promise.scan)
    return source[: end + 2] if end > 0 else b""


def check_promise(promise: Promise, layout: Layout) -> None:
    """Compare what a codestream promises with the header around it.

    Raises:
        ImageError: It is of another size or in color where gray is said.
    """
    if (promise.columns, promise.rows) != (layout.columns, layout.rows):
        raise ImageError(
            "codestream_size",
            expected=f"{layout.columns:,} × {layout.rows:,}",
            received=f"{promise.columns:,} × {promise.rows:,}",
        )
    if promise.samples != layout.samples:
        raise ImageError(
            "bad_tag",
            expected=f"{promise.samples}, as in the compressed picture,",
            tag="Samples per Pixel (0028,0002)",
            received=layout.samples,
        )


def undecodable(syntax: UID) -> ImageError:
    """Make the error for a frame that no decoder reads."""
    return ImageError("undecodable", syntax=syntax.name)


def _read_jpeg(source: bytes) -> Promise | None:
    """Walk over the markers of a JPEG or JPEG-LS codestream up to its values."""
    frame: Promise | None = None
    position = 2
    while position + 10 <= len(source):
        if source[position] != 0xFF:
            return None
        marker = source[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        length = int.from_bytes(source[position + 2 : position + 4])
        if marker in _START_OF_FRAME:
            frame = _read_frame(source[position : position + 10], marker)
            if frame.precision > _MOST_BITS:
                return None
        elif marker == _START_OF_SCAN:
            if frame is None:
                return None
            # JPEG-LS (ISO 14495-1 C.2.3): NEAR is the last but two of the bytes.
            near = source[position + 2 + length - 3 : position + 2 + length - 2]
            is_near = frame.codec is Codec.JPEG_LS and near > b"\0"
            start = position + 2 + length
            return replace(frame, lossy=frame.lossy or is_near, scan=start)
        position += 2 + length
    return frame


def _read_frame(segment: bytes, marker: int) -> Promise:
    codec = {0xC3: Codec.LOSSLESS, 0xF7: Codec.JPEG_LS}.get(marker, Codec.JPEG)
    return Promise(
        codec=codec,
        columns=int.from_bytes(segment[7:9]),
        rows=int.from_bytes(segment[5:7]),
        samples=segment[9],
        precision=segment[4],
        lossy=codec is Codec.JPEG,
    )


def _is_irreversible(source: bytes, start: int) -> bool:
    """Say whether a JPEG 2000 codestream uses the wavelet that rounds (9-7)."""
    # COD (ISO 15444-1 A.6.1) comes early; its fourteenth byte names the wavelet.
    place = source.find(_COD, start, start + 256)
    return place > 0 and source[place + 13 : place + 14] == b"\0"
