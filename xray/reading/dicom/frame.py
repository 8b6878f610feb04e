"""One frame's stored words, by what its bytes are where the header contradicts them.

Transfer Syntax UID (0002,0010) says how pixels are stored. Where their first bytes
and their number leave no doubt that it is wrong, they are read as what they are,
and a notice says so; where there is doubt, an error names both sides.
"""

from pydicom.uid import UID

from ...errors import ImageError
from ..radiograph import Notice
from .codecs import DECODERS, decode_stream
from .codestream import (
    Codec,
    Promise,
    check_promise,
    codec_of,
    read_promise,
    read_rle_promise,
    strip_padding,
    strip_wrapping,
    undecodable,
)
from .fragments import ITEM, read_frame
from .layout import Layout
from .stored import PixelElement, Stored, native_bytes, read_native

# General Electric's own: Implicit VR Little Endian, but for pixels of big endian.
GE_PRIVATE = UID("1.2.840.113619.5.2")
_PRIVATE_NAMES = {GE_PRIVATE: "Implicit VR Big Endian (GE private)"}

Frame = tuple[Stored, Layout, tuple[Notice, ...]]


def read_stored(pixels: PixelElement, layout: Layout, index: int, syntax: UID) -> Frame:
    """Read one frame, by its number from 0.

    Returns:
        Unsigned words or floats, the layout they have, and perhaps a notice.

    Raises:
        ImageError: The frame isn't there, no decoder reads it, or its bytes are
            neither what the syntax says nor surely something else.
    """
    if syntax != GE_PRIVATE and syntax not in DECODERS:
        raise ImageError("transfer_syntax", received=name_of(syntax))
    said = _said(syntax)
    if _is_encapsulated(pixels, layout, says_native=said is None):
        source = read_frame(_value(pixels), layout, index, _refusal(syntax))
        return _decode(source, layout, syntax)
    if said is None:
        return read_native(pixels, layout, index), layout, ()
    if pixels.available - native_bytes(pixels, layout) in (0, 1):
        return read_native(pixels, layout, index), layout, _notice(syntax, None)
    source = _value(pixels)
    if layout.frames == 1 and _promise(source, layout, said) is not None:
        # One codestream, put there without an item around it.
        return _decode(source, layout, syntax)
    raise ImageError("not_encapsulated", syntax=name_of(syntax))


def name_of(syntax: UID) -> str:
    """Name a transfer syntax; "?" for one that is free text, and stays unsaid."""
    if syntax in DECODERS or syntax.is_transfer_syntax:
        return syntax.name
    return _PRIVATE_NAMES.get(syntax, "?")


def _is_encapsulated(pixels: PixelElement, layout: Layout, says_native: bool) -> bool:
    """Say whether the pixels are a sequence of items, as compressed ones have to be."""
    if pixels.length is None:
        return True
    if not pixels.data.startswith(ITEM, pixels.offset):
        return False
    return not says_native or pixels.available < native_bytes(pixels, layout)


def _decode(source: bytes, layout: Layout, syntax: UID) -> Frame:
    said = _said(syntax)
    stream = strip_wrapping(source)
    promise = _promise(stream, layout, said)
    if promise is None:
        raise _refusal(syntax)
    check_promise(promise, layout)
    stream = strip_padding(stream, promise)
    words, decoded = decode_stream(stream, promise, layout, syntax)
    is_as_said = said is promise.codec
    return words, decoded, () if is_as_said else _notice(syntax, promise.codec)


def _promise(source: bytes, layout: Layout, said: Codec | None) -> Promise | None:
    """Read what a codestream says of itself, whatever the syntax says of it."""
    promise = read_promise(source) or read_rle_promise(source, layout)
    if promise is None or promise.codec is not Codec.RLE or said is Codec.RLE:
        return promise
    # It has no marker of its own: where another codec is said it has to fit.
    return promise if promise.precision == layout.allocated else None


def _said(syntax: UID) -> Codec | None:
    """Say which codec the syntax names; None where it says uncompressed."""
    is_native = syntax == GE_PRIVATE or not syntax.is_encapsulated
    return None if is_native else codec_of(syntax)


def _refusal(syntax: UID) -> ImageError:
    if _said(syntax) is None:
        return ImageError("not_native", syntax=name_of(syntax))
    return undecodable(syntax)


def _notice(syntax: UID, codec: Codec | None) -> tuple[Notice, ...]:
    said = name_of(syntax)
    if codec is None:
        return (Notice("read_uncompressed", {"said": said}),)
    return (Notice("read_compressed", {"said": said, "found": codec.value}),)


def _value(pixels: PixelElement) -> bytes:
    return pixels.data[pixels.offset : pixels.offset + pixels.available]
