"""Stored pixel values of one frame, uncompressed or through a native decoder.

Sizes are checked against the bytes that are there before anything is
allocated. Decoders are tried in a fixed order, GDCM last.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from ...errors import ImageError
from ...header.elements import BROKEN
from .codestream import check_codestream, check_fragments, undecodable
from .layout import Layout

Stored = NDArray[np.generic]  # (H, W) or (H, W, 3)

# Which decoders read which transfer syntax, in the order they are tried.
DECODERS: dict[UID, tuple[str, ...]] = {
    ImplicitVRLittleEndian: (),
    ExplicitVRLittleEndian: (),
    DeflatedExplicitVRLittleEndian: (),
    ExplicitVRBigEndian: (),
    RLELossless: ("pydicom",),
    JPEGBaseline8Bit: ("pillow", "gdcm"),
    JPEGExtended12Bit: ("pillow", "gdcm"),
    JPEGLossless: ("gdcm",),
    JPEGLosslessSV1: ("gdcm",),
    JPEGLSLossless: ("pyjpegls", "gdcm"),
    JPEGLSNearLossless: ("pyjpegls", "gdcm"),
    JPEG2000Lossless: ("pylibjpeg", "pillow", "gdcm"),
    JPEG2000: ("pylibjpeg", "pillow", "gdcm"),
    HTJ2KLossless: ("pylibjpeg",),
    HTJ2KLosslessRPCL: ("pylibjpeg",),
    HTJ2K: ("pylibjpeg",),
}


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the pixel data lie in a file's (inflated) bytes."""

    data: bytes
    offset: int  # of the value
    length: int | None  # in bytes; None: undefined, so encapsulated
    keyword: str  # PixelData, FloatPixelData or DoubleFloatPixelData
    vr: str | None
    big_endian: bool

    @property
    def available(self) -> int:
        """Bytes of the value that are really there."""
        rest = len(self.data) - self.offset
        return rest if self.length is None else min(self.length, rest)


def read_native(pixels: PixelElement, layout: Layout, frame: int) -> Stored:
    """View one uncompressed frame as the unsigned words that were stored.

    Raises:
        ImageError: There are fewer bytes than the header promises, or pixels that
            share their color in pairs don't come in pairs.
    """
    if layout.is_subsampled:
        layout = _check_pairs(pixels, layout)
    needed = (layout.frame_bits * layout.frames + 7) // 8
    if needed > pixels.available:
        raise ImageError(
            "short_pixels", expected=f"{needed:,}", received=f"{pixels.available:,}"
        )
    words = _words(pixels, layout, frame)
    if layout.is_subsampled:
        # PS3.3 C.7.6.3.1.2: Y1 Y2 B R; the luminance is all that is used.
        return words.reshape(-1, 4)[:, :2].reshape(layout.rows, layout.columns)
    if layout.samples == 1:
        return words.reshape(layout.rows, layout.columns)
    if layout.by_plane:
        planes = words.reshape(layout.samples, layout.rows, layout.columns)
        return planes.transpose(1, 2, 0)
    return words.reshape(layout.rows, layout.columns, layout.samples)


def read_compressed(
    pixels: PixelElement, layout: Layout, frame: int, syntax: UID
) -> tuple[Stored, str]:
    """Decode one compressed frame.

    Returns:
        The decoded values, signed where the file says so, and the photometric
        interpretation they have after decoding.

    Raises:
        ImageError: The frame isn't there, or no decoder can read it.
    """
    end = pixels.offset + pixels.available
    value = pixels.data[pixels.offset : end]
    check_fragments(value, syntax)
    try:
        source = get_frame(value, frame, number_of_frames=layout.frames)
    except (*BROKEN, StopIteration) as error:
        raise undecodable(syntax) from error
    check_codestream(source, layout, syntax)
    if syntax == JPEGExtended12Bit and layout.stored > 8:
        from .jpeg12 import decode_jpeg12

        return decode_jpeg12(source, layout), layout.photometric
    decoder = get_decoder(syntax)
    cause: Exception | None = None
    for plugin in DECODERS[syntax]:
        try:
            array, properties = decoder.as_array(
                value,
                index=frame,
                raw=True,
                decoding_plugin=plugin,
                **_options(layout, pixels.keyword),
            )
        except BROKEN as failure:
            cause = failure
            continue
        return array, str(properties["photometric_interpretation"])
    raise undecodable(syntax) from cause


def _options(layout: Layout, keyword: str) -> dict[str, Any]:
    return {
        "rows": layout.rows,
        "columns": layout.columns,
        "number_of_frames": layout.frames,
        "samples_per_pixel": layout.samples,
        "bits_allocated": layout.allocated,
        "bits_stored": layout.stored,
        "pixel_representation": int(layout.signed),
        "planar_configuration": int(layout.by_plane),
        "photometric_interpretation": layout.photometric,
        "pixel_keyword": keyword,
        "apply_j2k_sign_correction": True,
        "apply_jls_sign_correction": True,
    }


def _words(pixels: PixelElement, layout: Layout, frame: int) -> NDArray[np.generic]:
    """View the values of one frame, one after another."""
    start, bits = divmod(layout.frame_bits * frame, 8)
    length = (bits + layout.frame_bits + 7) // 8
    if layout.allocated == 1:
        packed = np.frombuffer(pixels.data, np.uint8, length, pixels.offset + start)
        return np.unpackbits(packed, bitorder="little")[bits:][: layout.values]
    order = ">" if pixels.big_endian else "<"
    kind = "f" if pixels.keyword != "PixelData" else "u"
    dtype = np.dtype(f"{order}{kind}{layout.allocated // 8}")
    if dtype.itemsize == 1 and pixels.big_endian and pixels.vr == "OW":
        return _swapped_bytes(pixels, start, length)
    count = length // dtype.itemsize
    return np.frombuffer(pixels.data, dtype, count, pixels.offset + start)


def _check_pairs(pixels: PixelElement, layout: Layout) -> Layout:
    """Make sure that subsampled pixels are that, and come in pairs."""
    whole = replace(layout, photometric="YBR_FULL")
    if pixels.available * 8 >= whole.frame_bits * whole.frames:
        return whole  # as they are where a decoder has written what it unpacked
    if layout.columns % 2:
        raise ImageError(
            "bad_tag",
            expected="an even number, as YBR_FULL_422 needs,",
            tag="Columns (0028,0011)",
            received=layout.columns,
        )
    return layout


def _swapped_bytes(
    pixels: PixelElement, start: int, length: int
) -> NDArray[np.generic]:
    """Undo the pairwise swap of 8-bit values in big-endian OW words."""
    even = start - start % 2
    words = (start + length - even + 1) // 2
    whole = np.frombuffer(pixels.data[: pixels.offset + pixels.available], np.uint8)
    pairs = whole[pixels.offset + even :][: 2 * words]
    swapped = np.zeros(2 * words, np.uint8)
    swapped[: len(pairs)] = pairs
    swapped = swapped.reshape(-1, 2)[:, ::-1].reshape(-1)
    return swapped[start - even :][:length]
