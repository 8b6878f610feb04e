"""Pixels that are not square, and the picture stretched until they are.

PS3.3 C.7.6.3.1.7: a picture without a size in millimeters may say how high its
pixels are for their width; one with it says so by two different distances.
"""

import cv2
from pydicom import Dataset

from ...header.elements import numbers
from ...limits import LIMITS
from ..radiograph import Notice, Samples

_SPACINGS = {
    "PixelSpacing": "Pixel Spacing (0028,0030)",
    "ImagerPixelSpacing": "Imager Pixel Spacing (0018,1164)",
    "NominalScannedPixelSpacing": "Nominal Scanned Pixel Spacing (0018,2010)",
    "PixelAspectRatio": "Pixel Aspect Ratio (0028,0034)",
}
KEYWORDS = tuple(_SPACINGS)
_SQUARE = 1.01  # rounded distances differ by less, and nobody sees it
_MOST = 20.0  # beyond it, a mistake


def make_square(
    dataset: Dataset, samples: Samples
) -> tuple[Samples, tuple[Notice, ...]]:
    """Stretch a picture (H, W) along the side where its pixels are the longer.

    Returns:
        The picture with square pixels, and a notice where it was stretched.
    """
    tag, ratio = _height_for_width(dataset)
    if not _SQUARE <= max(ratio, 1 / ratio) <= _MOST:
        return samples, ()
    rows, columns = samples.shape
    height, width = rows * max(1.0, ratio), columns * max(1.0, 1 / ratio)
    # Too large to be looked at: shrunk along the other side instead, the same shape.
    scale = min(1.0, (LIMITS.pixels / (height * width)) ** 0.5)
    half = 0.5 if scale == 1 else 0.0
    size = max(1, int(width * scale + half)), max(1, int(height * scale + half))
    # Enlarged by drawing lines between values; shrunk, if so, by their mean.
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    stretched: Samples = cv2.resize(samples, size, interpolation=way)  # type: ignore[assignment]
    notice = Notice("not_square", {"tag": tag, "ratio": f"{ratio:.3g}"})
    return stretched, (notice,)


def _height_for_width(dataset: Dataset) -> tuple[str, float]:
    """Read how high pixels are for their width, and what says so; 1 if nothing."""
    for keyword, tag in _SPACINGS.items():
        found = numbers(dataset, keyword)
        # Row spacing comes first: the distance from one row to the next.
        if len(found) == 2 and min(found) > 0:
            return tag, found[0] / found[1]
    return "", 1.0
