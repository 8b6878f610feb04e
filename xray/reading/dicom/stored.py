"""Uncompressed pixel values of one frame, as the words that were stored.

Sizes are checked against the bytes that are there before anything is allocated.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...errors import ImageError
from .layout import Layout

Stored = NDArray[np.generic]  # (H, W) or (H, W, 3)


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
    needed = native_bytes(pixels, layout)
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


def native_bytes(pixels: PixelElement, layout: Layout) -> int:
    """Count the bytes of uncompressed pixels of a layout."""
    if layout.is_subsampled and _is_whole(pixels, layout):
        layout = replace(layout, photometric="YBR_FULL")
    return (layout.frame_bits * layout.frames + 7) // 8


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
    if _is_whole(pixels, layout):
        # As they are where a decoder has written what it unpacked.
        return replace(layout, photometric="YBR_FULL")
    if layout.columns % 2:
        raise ImageError(
            "bad_tag",
            expected="an even number, as YBR_FULL_422 needs,",
            tag="Columns (0028,0011)",
            received=layout.columns,
        )
    return layout


def _is_whole(pixels: PixelElement, layout: Layout) -> bool:
    whole = replace(layout, photometric="YBR_FULL")
    return pixels.available * 8 >= whole.frame_bits * whole.frames


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
