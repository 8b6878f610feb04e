"""What compressed pixel data say of themselves, checked before they are decoded."""

from dataclasses import dataclass

from pydicom.uid import UID, JPEGLSLossless, JPEGLSNearLossless

from ...errors import ImageError
from ...limits import LIMITS
from .layout import Layout

_ITEM = b"\xfe\xff\x00\xe0"
_JPEG_LS = (JPEGLSLossless, JPEGLSNearLossless)
_JPEG_END = b"\xff\xd9"
_TAIL = 64  # bytes that may follow it, as padding
_START_OF_FRAME = (frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {0xF7}


@dataclass(frozen=True, slots=True)
class Promise:
    """What a codestream's own header says that it holds."""

    columns: int
    rows: int
    samples: int  # per pixel


def read_promise(source: bytes) -> Promise | None:
    """Read the header of a JPEG, JPEG-LS or JPEG 2000 codestream.

    Returns:
        None where the stream has no such header (RLE, or damaged).
    """
    if source.startswith(b"\xff\x4f\xff\x51") and len(source) >= 42:
        # SIZ (ISO 15444-1 A.5.1): extent minus offset on the reference grid.
        x, y, x0, y0 = (int.from_bytes(source[i : i + 4]) for i in (8, 12, 16, 20))
        return Promise(x - x0, y - y0, int.from_bytes(source[40:42]))
    if not source.startswith(b"\xff\xd8"):
        return None
    position = 2
    while position + 10 <= len(source):
        if source[position] != 0xFF:
            return None
        marker = source[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _START_OF_FRAME:
            rows = int.from_bytes(source[position + 5 : position + 7])
            columns = int.from_bytes(source[position + 7 : position + 9])
            return Promise(columns, rows, source[position + 9])
        position += 2 + int.from_bytes(source[position + 2 : position + 4])
    return None


def check_codestream(source: bytes, layout: Layout, syntax: UID) -> None:
    """Compare a frame's codestream with the header around it.

    Raises:
        ImageError: It is empty, cut short, of another size or in color where gray is
            said.
    """
    if not source or (syntax in _JPEG_LS and _JPEG_END not in source[-_TAIL:]):
        # CharLS spends seconds beyond the end of a stream that is cut short.
        raise undecodable(syntax)
    promise = read_promise(source)
    if promise is None:
        return
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


def check_fragments(value: bytes, syntax: UID) -> None:
    """Walk over the items of encapsulated pixel data.

    Raises:
        ImageError: There are more than the limit, or the last one isn't whole.
    """
    position = 0
    for _ in range(LIMITS.fragments):
        if value[position : position + 4] != _ITEM:
            return
        position += 8 + int.from_bytes(value[position + 4 : position + 8], "little")
        if position > len(value):
            raise ImageError("damaged", kind="DICOM")
    raise undecodable(syntax)


def undecodable(syntax: UID) -> ImageError:
    """Make the error for a frame that no decoder reads."""
    return ImageError("undecodable", syntax=syntax.name)
