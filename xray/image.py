"""Pictures as arrays: the letterbox, its inverse, and the network's input.

One way from a gray picture to the network, the same for training and serving:
fit_square -> stretch_contrast -> to_input.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .errors import ImageError

GrayImage = NDArray[np.float32]  # (H, W), [0, 1], bone bright
NetworkInput = NDArray[np.float32]  # (..., S, S, 3), [-1, 1]

INPUT_SIZE = 256
LOW_PERCENTILE = 1.0
HIGH_PERCENTILE = 99.5
HALVED_FROM = 4  # times smaller: so many pixels are halved on the way
# Pixels of a side that libpng and libjpeg write.
_LONGEST_SIDES = {"PNG": 1_000_000, "JPEG": 65_500}


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a picture of (height, width) lies inside a square of side `size`."""

    height: int
    width: int
    size: int

    @property
    def inner(self) -> tuple[int, int]:
        """Height and width of the picture inside the square, at least 1."""
        scale = self.size / max(self.height, self.width)
        return (
            max(1, round(self.height * scale)),
            max(1, round(self.width * scale)),
        )

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns of the square that the picture covers."""
        inner_height, inner_width = self.inner
        top = (self.size - inner_height) // 2
        left = (self.size - inner_width) // 2
        return slice(top, top + inner_height), slice(left, left + inner_width)


def resize(image: GrayImage, height: int, width: int) -> GrayImage:
    """Resize (H, W) by area when shrinking, linearly when growing; in its range."""
    if image.shape == (height, width):
        return image
    if _is_halved(image, height, width):
        # Three times as fast, and nearly the same.
        half = image.shape[1] // 2, image.shape[0] // 2
        halved = cv2.resize(image, half, interpolation=cv2.INTER_AREA)
        image = np.asarray(halved, dtype=np.float32)
    shrinks = height * width < image.shape[0] * image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(image, (width, height), interpolation=method)
    return np.asarray(resized, dtype=np.float32)


def _is_halved(image: GrayImage, height: int, width: int) -> bool:
    """Say whether a picture shrinks so far that halving it first changes little."""
    rows, columns = image.shape
    even = rows % 2 == 0 and columns % 2 == 0
    far = rows >= HALVED_FROM * height and columns >= HALVED_FROM * width
    return bool(even and far)


def require_sides(shape: tuple[int, ...], kind: str) -> None:
    """Make sure that a picture (H, W, ...) can be written as a PNG or JPEG file.

    Raises:
        ImageError: One of its sides is too long for that.
    """
    longest, limit = max(shape[:2]), _LONGEST_SIDES[kind]
    if longest > limit:
        raise ImageError(
            "side_too_long", limit=f"{limit:,}", kind=kind, received=f"{longest:,}"
        )


def fit_square(image: GrayImage, size: int = INPUT_SIZE) -> GrayImage:
    """Letterbox a radiograph into a square, keeping its aspect ratio.

    Args:
        image: (H, W), [0, 1].
        size: Side of the result in pixels.

    Returns:
        (size, size), [0, 1]; padding is 0.
    """
    letterbox = Letterbox(image.shape[0], image.shape[1], size)
    square = np.zeros((size, size), np.float32)
    square[letterbox.box] = resize(image, *letterbox.inner)
    return square


def crop_square(square: GrayImage, height: int, width: int) -> GrayImage:
    """Take the padding off a letterboxed square (S, S), a picture or a map.

    The height and width are those of the picture before; what comes out is smaller.
    """
    letterbox = Letterbox(height, width, square.shape[0])
    return np.ascontiguousarray(square[letterbox.box])


def to_square(image: GrayImage, size: int = INPUT_SIZE) -> GrayImage:
    """Letterbox and stretch a radiograph: (H, W) to (size, size), [0, 1]."""
    return stretch_contrast(fit_square(image, size))


def stretch_contrast(square: GrayImage) -> GrayImage:
    """Stretch between the 1st and the 99.5th percentile, padding included, and clip.

    All 0 where the picture is flat.
    """
    low, high = _percentiles(square, (LOW_PERCENTILE, HIGH_PERCENTILE))
    if high <= low:
        low, high = float(square.min()), float(square.max())
    if high <= low:
        return np.zeros_like(square)
    stretched = (square - np.float32(low)) / np.float32(high - low)
    return np.asarray(np.clip(stretched, 0, 1))


def to_input(square: GrayImage) -> NetworkInput:
    """Bring a stretched square to the network's range: (S, S, 3), [-1, 1]."""
    return np.repeat((square * 2 - 1)[..., None], 3, axis=-1)


def preprocess(image: GrayImage, size: int = INPUT_SIZE) -> NetworkInput:
    """Turn a gray radiograph (H, W) into what the network takes: (S, S, 3), [-1, 1].

    Training and validation do; serving takes the same steps one by one, because
    it needs the square between them.
    """
    return to_input(to_square(image, size))


def _percentiles(square: GrayImage, percents: Iterable[float]) -> list[float]:
    """Interpolate linearly, as np.percentile does in ten times the time."""
    last = square.size - 1
    places = [last * percent / 100 for percent in percents]
    ends = [(int(place), min(int(place) + 1, last)) for place in places]
    wanted = sorted({end for both in ends for end in both})
    values = np.partition(square, wanted, axis=None)  # a quarter of sorting's time
    found = []
    for place, (below, above) in zip(places, ends, strict=True):
        start, end = float(values[below]), float(values[above])
        found.append(start + (end - start) * (place - below))
    return found
