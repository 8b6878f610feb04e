"""One codestream to the words it holds, through a native decoder.

Which decoder follows from the codestream, and so does how many bits its samples
have: the header around it may say anything. Decoders are tried in a fixed order,
GDCM last.
"""

import importlib
from dataclasses import replace
from typing import Any

from pydicom import uid as uids
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import Decoder, get_decoder
from pydicom.uid import UID

from ...header.elements import BROKEN
from .codestream import Codec, Promise, undecodable
from .layout import Layout
from .stored import Stored

# Which decoders read which transfer syntax, in the order they are tried.
DECODERS: dict[UID, tuple[str, ...]] = {
    uids.ImplicitVRLittleEndian: (),
    uids.ExplicitVRLittleEndian: (),
    uids.DeflatedExplicitVRLittleEndian: (),
    uids.ExplicitVRBigEndian: (),
    uids.RLELossless: ("pydicom",),
    uids.JPEGBaseline8Bit: ("pillow", "gdcm"),
    uids.JPEGExtended12Bit: ("pillow", "gdcm"),
    uids.JPEGLossless: ("gdcm",),
    uids.JPEGLosslessSV1: ("gdcm",),
    uids.JPEGLSLossless: ("pyjpegls", "gdcm"),
    uids.JPEGLSNearLossless: ("pyjpegls", "gdcm"),
    uids.JPEG2000Lossless: ("pylibjpeg", "pillow", "gdcm"),
    uids.JPEG2000: ("pylibjpeg", "pillow", "gdcm"),
    uids.HTJ2KLossless: ("pylibjpeg",),
    uids.HTJ2KLosslessRPCL: ("pylibjpeg",),
    uids.HTJ2K: ("pylibjpeg",),
}
# The syntax that a codec's streams are decoded as, whatever the file calls them.
_DECODED_AS = {
    Codec.JPEG: uids.JPEGBaseline8Bit,
    Codec.LOSSLESS: uids.JPEGLosslessSV1,
    Codec.JPEG_LS: uids.JPEGLSLossless,
    Codec.JPEG2000: uids.JPEG2000Lossless,
    Codec.RLE: uids.RLELossless,
}
_WORDS = (8, 16, 32)


def decode_stream(
    source: bytes, promise: Promise, layout: Layout, syntax: UID
) -> tuple[Stored, Layout]:
    """Decode one codestream, whose promise fits the header's layout in size.

    Returns:
        Unsigned words, and the layout that they have: bits, sign and photometric
        interpretation.

    Raises:
        ImageError: No decoder can read it; it names the syntax.
    """
    if promise.codec is Codec.JPEG and promise.precision > 8:
        from .jpeg12 import decode_jpeg12

        words: Stored = decode_jpeg12(source, promise, layout)
        return words, as_decoded(layout, promise, words.dtype.itemsize)
    decoder = get_decoder(_DECODED_AS[promise.codec])
    cause: Exception | None = None
    for plugin in DECODERS[_DECODED_AS[promise.codec]]:
        if plugin == "gdcm" and plugin not in decoder.available_plugins:
            _plug_gdcm(decoder)
        try:
            array, properties = decoder.as_array(
                encapsulate([source], has_bot=False),
                index=0,
                raw=True,
                decoding_plugin=plugin,
                **_options(promise, layout),
            )
        except BROKEN as failure:
            cause = failure
            continue
        words = array.view(array.dtype.str.replace("i", "u"))
        shown = replace(
            layout, photometric=str(properties["photometric_interpretation"])
        )
        return words, as_decoded(shown, promise, words.dtype.itemsize)
    raise undecodable(syntax) from cause


def _plug_gdcm(decoder: Decoder) -> None:
    """Let a decoder use GDCM, which the decoding process did without until now."""
    from pydicom.pixels.decoders import gdcm

    if not gdcm.HAVE_GDCM:
        importlib.reload(gdcm)
    decoder.remove_plugin("gdcm")
    decoder.add_plugin("gdcm", (gdcm.__name__, "_decode_frame"))


def as_decoded(layout: Layout, promise: Promise, word_bytes: int) -> Layout:
    """Say which bits of decoded words are the pixel's.

    Nothing may be assumed of the bits beside the stored ones (PS3.5 8.1.1), so
    they are only taken where a stream can't hold others: where it has fewer bits
    than the word, or where losses went past the highest value.
    """
    bits = promise.precision
    holds_whole_words = bits == layout.allocated or (
        layout.high_bit >= layout.stored and layout.high_bit < bits < layout.allocated
    )
    is_cut = layout.overlaid and layout.stored < bits < layout.allocated
    is_overshot = promise.lossy and not layout.overlaid
    if layout.signed and not promise.signed and promise.codec is not Codec.JPEG:
        is_overshot = False
    if (holds_whole_words and not is_overshot) or is_cut:
        return replace(layout, allocated=8 * word_bytes)
    return replace(layout, allocated=8 * word_bytes, stored=bits, high_bit=bits - 1)


def _options(promise: Promise, layout: Layout) -> dict[str, Any]:
    return {
        "rows": layout.rows,
        "columns": layout.columns,
        "number_of_frames": 1,
        "samples_per_pixel": layout.samples,
        "bits_allocated": _word_of(promise.precision),
        "bits_stored": promise.precision,
        # Pillow has to know where the codec's own sign is to be undone.
        "pixel_representation": int(promise.signed),
        # The codestream decides it (PS3.5 8.2); the tag means nothing here.
        "planar_configuration": 0,
        "photometric_interpretation": layout.photometric,
        "pixel_keyword": "PixelData",
        "apply_j2k_sign_correction": False,
        "apply_jls_sign_correction": False,
    }


def _word_of(precision: int) -> int:
    """Say how many bits a decoder's values have."""
    return next((bits for bits in _WORDS if precision <= bits), _WORDS[-1])
