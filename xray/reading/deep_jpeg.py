"""JPEG files that Pillow can't read: of 12 bits, lossless, or JPEG-LS."""

import numpy as np
from pydicom.uid import JPEGExtended12Bit

from ..errors import ImageError
from ..limits import LIMITS
from .dicom.codecs import decode_stream
from .dicom.codestream import Codec, Promise, read_promise, strip_padding
from .dicom.layout import Layout
from .dicom.lookup import luminance, shows_colors
from .radiograph import Decoded, Facts


def is_deep_jpeg(data: bytes) -> bool:
    """Say whether a file is a JPEG of more than 8 bits, or one without losses."""
    promise = read_promise(data) if data.startswith(b"\xff\xd8\xff") else None
    return promise is not None and (
        promise.codec is not Codec.JPEG or promise.precision > 8
    )


def decode_deep_jpeg(data: bytes) -> Decoded:
    """Decode such a file into gray: its whole range from black to white.

    Raises:
        ImageError: The file is damaged, larger than the limits or of odd colors.
    """
    promise = read_promise(data)
    if promise is None or promise.samples not in (1, 3) or promise.rows == 0:
        raise ImageError("damaged", kind="JPEG")
    if promise.rows * promise.columns > LIMITS.pixels:
        size = f"{promise.columns:,} × {promise.rows:,}"
        raise ImageError("too_many_pixels", limit=f"{LIMITS.pixels:,}", received=size)
    stream = strip_padding(data, promise)
    try:
        words, layout = decode_stream(
            stream, promise, _layout(promise), JPEGExtended12Bit
        )
    except ImageError as error:
        raise ImageError("damaged", kind="JPEG") from error
    colored = shows_colors(words, layout)
    facts = Facts("JPEG", len(data), promise.columns, promise.rows, colored=colored)
    return Decoded(np.asarray(luminance(words, layout), np.uint16), facts)


def _layout(promise: Promise) -> Layout:
    """Describe the words that decoding will give."""
    return Layout(
        rows=promise.rows,
        columns=promise.columns,
        frames=1,
        samples=promise.samples,
        allocated=8 if promise.precision <= 8 else 16,
        stored=promise.precision,
        high_bit=promise.precision - 1,
        signed=False,
        by_plane=False,
        photometric="MONOCHROME2" if promise.samples == 1 else "RGB",
    )
