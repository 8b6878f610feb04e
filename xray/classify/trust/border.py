"""Bright borders: where collimated film was never exposed, and no shutter hides it.

Films in training are dark there or cut off. One that lies in white seems unlike all
known radiographs; it is looked at again with that white made black.
"""

import numpy as np
from numpy.typing import NDArray

from ...image import GrayImage, resize

_SIDE = 128  # pixels that a film is shrunk to
_BRIGHTEST = 0.93  # median of a border's line; unexposed film is white
_EVEN = 0.04  # from the 10th to the 90th percentile of such a line
_LEAST = 0.08  # of the film's area, for the border to matter

Inside = tuple[slice, slice]  # rows and columns that were exposed


def inside_border(image: GrayImage) -> Inside | None:
    """Find the rows and columns of an image (H, W) inside an even bright border.

    None where there is no such border, or nothing else.
    """
    small = resize(image, _SIDE, _SIDE)
    rows, columns = _lively(small), _lively(small.T)
    if rows is None or columns is None:
        return None
    kept = (rows[1] - rows[0]) * (columns[1] - columns[0]) / _SIDE**2
    if kept > 1 - _LEAST:
        return None
    return _slice(rows, image.shape[0]), _slice(columns, image.shape[1])


def darken_border(image: GrayImage) -> GrayImage:
    """Make an even bright border black, as if a shutter covered it: (H, W), [0, 1]."""
    field = inside_border(image)
    if field is None:
        return image
    dark = np.zeros_like(image)
    dark[field] = image[field]
    return dark


def _lively(lines: NDArray[np.float32]) -> tuple[int, int] | None:
    """Find the first line that is no border, and the one behind the last."""
    low, middle, high = np.percentile(lines, (10, 50, 90), axis=1)
    lively = np.flatnonzero((middle < _BRIGHTEST) | (high - low > _EVEN))
    return (int(lively[0]), int(lively[-1]) + 1) if lively.size else None


def _slice(lines: tuple[int, int], size: int) -> slice:
    """Widen lines of the small picture to those of the film."""
    return slice(round(lines[0] * size / _SIDE), round(lines[1] * size / _SIDE))
