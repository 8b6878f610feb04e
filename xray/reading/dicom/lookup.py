"""Stored pixels to whole-number gray samples: one look-up for a whole picture."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut

from ...errors import ImageError
from ...header.elements import BROKEN
from ..radiograph import Notice, Samples
from ..raster import is_colored
from .field import find_field
from .grayscale import render
from .layout import GRAY, PALETTE, Layout
from .stored import Stored
from .tables import Values

_TOP = 65535
_THUMB = 256  # longest side of the thinned-out picture percentiles come from
_BLOCK = 1 << 22  # pixels worked on at a time in float64
_LUMA = np.array((19595, 38470, 7471)) / 65536  # ITU-R BT.601


def to_samples(
    dataset: Dataset, stored: Stored, layout: Layout
) -> tuple[Samples, tuple[Notice, ...]]:
    """Turn stored pixels of any photometric interpretation into gray.

    Args:
        dataset: The header.
        stored: (H, W) or (H, W, 3): unsigned words, or floats.
        layout: How values lie in the words.

    Returns:
        (H, W) of 16 bits, bone bright, and notices.

    Raises:
        ImageError: A palette is missing or broken.
    """
    if stored.ndim == 3 and layout.photometric != "RGB":
        stored = stored[:, :, 0]  # YBR: the luminance
    if stored.ndim == 2 and stored.dtype.itemsize > 2:
        return _from_wide(dataset, stored, layout)
    if layout.photometric not in GRAY | {PALETTE}:
        return luminance(stored, layout), ()
    values = _possible_values(stored, layout)
    notices: tuple[Notice, ...] = ()
    if layout.photometric == PALETTE:
        gray = _palette(dataset, values)
    else:
        thumb = values[stored[_thin(stored)].astype(np.intp)]
        shown = thumb[find_field(dataset, thumb, layout.rows)]
        gray, notices = render(dataset, values, shown.reshape(-1))
    return _look_up(_to_16_bits(gray), stored), notices


def luminance(stored: Stored, layout: Layout) -> Samples:
    """Turn words that no header says more of into gray, over their whole range."""
    if stored.ndim == 3 and layout.photometric == "RGB":
        return _from_rgb(stored, layout)
    gray = stored[:, :, 0] if stored.ndim == 3 else stored
    levels = np.clip(_possible_values(gray, layout) / _highest(layout), 0, 1)
    return _look_up(_to_16_bits(levels), gray)


def shows_colors(stored: Stored, layout: Layout) -> bool:
    """Say whether pixels show colors, as photographs do; palettes are not looked at."""
    if stored.ndim != 3:
        return False
    thumb = stored[_thin(stored[:, :, 0])].astype(np.float64)
    levels = thumb * (255 / _highest(layout))
    mode = "RGB" if layout.photometric == "RGB" else "YCbCr"
    return is_colored(Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8), mode))


def _possible_values(stored: Stored, layout: Layout) -> Values:
    """List the value of every word that can be."""
    codes = np.arange(1 << (8 * stored.dtype.itemsize), dtype=stored.dtype)
    return _stored_values(codes, layout)


def _stored_values(words: NDArray[np.generic], layout: Layout) -> Values:
    """Take the stored bits out of words, with their sign (PS3.5 8.1.1)."""
    shift = np.uint64(layout.high_bit + 1 - layout.stored)
    mask = np.uint64((1 << layout.stored) - 1)
    values = ((words.astype(np.uint64) >> shift) & mask).astype(np.float64)
    if layout.signed:
        half = float(1 << (layout.stored - 1))
        values = np.where(values >= half, values - 2 * half, values)
    return values


def _from_wide(
    dataset: Dataset, stored: Stored, layout: Layout
) -> tuple[Samples, tuple[Notice, ...]]:
    """Render pixels of 32 or 64 bits, too many values for a table, in blocks."""
    thumb = _wide_values(stored[_thin(stored)], layout)
    shown = thumb[find_field(dataset, thumb, layout.rows)].reshape(-1)
    samples = np.empty(stored.shape, np.uint16)
    notices: tuple[Notice, ...] = ()
    for rows in _blocks(stored.shape):
        gray, notices = render(dataset, _wide_values(stored[rows], layout), shown)
        samples[rows] = _to_16_bits(gray)
    return samples, notices


def _wide_values(words: NDArray[np.generic], layout: Layout) -> Values:
    if words.dtype.kind == "u":
        return _stored_values(words, layout)
    return np.nan_to_num(words.astype(np.float64), posinf=0, neginf=0)


def _from_rgb(stored: Stored, layout: Layout) -> Samples:
    samples = np.empty(stored.shape[:2], np.uint16)
    for rows in _blocks(stored.shape):
        luma = _stored_values(stored[rows], layout) @ _LUMA
        samples[rows] = _to_16_bits(np.clip(luma / _highest(layout), 0, 1))
    return samples


def _palette(dataset: Dataset, values: Values) -> Values:
    try:
        colors = apply_color_lut(values.astype(np.int64), dataset)
    except BROKEN as error:
        raise ImageError("palette") from error
    # Tables that promise 16 bits over 8-bit entries are common, in either byte.
    highest = colors.max()
    top = 255 if highest <= 255 else 0xFF00 if highest <= 0xFF00 else _TOP
    return np.asarray(colors.astype(np.float64) @ _LUMA / top)


def _highest(layout: Layout) -> int:
    return (1 << layout.stored) - 1


def _thin(words: NDArray[np.generic]) -> tuple[slice, slice]:
    step = max(1, -(-max(words.shape) // _THUMB))
    return slice(None, None, step), slice(None, None, step)


def _blocks(shape: tuple[int, ...]) -> list[slice]:
    step = max(1, _BLOCK // shape[1])
    return [slice(top, top + step) for top in range(0, shape[0], step)]


def _look_up(table: NDArray[np.uint16], words: NDArray[np.generic]) -> Samples:
    native = np.ascontiguousarray(words, words.dtype.newbyteorder("="))
    return np.asarray(cv2.LUT(native, table), np.uint16)


def _to_16_bits(gray: Values) -> NDArray[np.uint16]:
    return np.rint(gray * _TOP).astype(np.uint16)
