"""Letters and lead markers in a radiograph, found without a network.

Markers are small, brighter than what is around them, and end within a pixel,
which nothing inside a body does. What is found besides them is metal of the same
kind: electrodes, washers, calibration balls.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..image import HIGH_PERCENTILE, LOW_PERCENTILE, GrayImage, resize

_SIDE = 320  # pixels, of the longer side that markers are looked for at
_LARGEST = 19  # pixels; a marker is narrower than this in one direction
_SMALLEST = 5  # pixels high
_TALLEST = 30  # pixels
_WIDEST = 48  # pixels, a line of text
_RISE = 0.15  # of the gray range: how much brighter a marker is at least
_SHARP = 0.72  # slope at the edge, a pixel, in shares of that rise
_QUIET = 0.3  # gray spread around a marker, in shares of the rise
_FILLED = 0.45  # share of its box that a marker fills at least
_PLATE = 0.8  # share of its box that a solid plate fills,
_PLATE_RISE = 0.25  # and its rise
_MARGIN = 6  # pixels around a spot that are looked at
_FEWEST = 20  # pixels that the surroundings must have to be judged


@dataclass(frozen=True, slots=True)
class Marker:
    """The box around a marker, in pixels of the picture."""

    top: int
    left: int
    height: int
    width: int


def find_markers(picture: GrayImage) -> list[Marker]:
    """Find letters, side markers and the like.

    Args:
        picture: (H, W), [0, 1], bone bright.

    Returns:
        Their boxes, in no order.
    """
    rows, columns = picture.shape
    scale = min(1.0, _SIDE / max(rows, columns))
    height, width = max(1, round(rows * scale)), max(1, round(columns * scale))
    small = _stretched(resize(picture, height, width))
    kernel = np.ones((_LARGEST, _LARGEST), np.uint8)
    raised = cv2.morphologyEx(small, cv2.MORPH_TOPHAT, kernel) > _RISE
    # Close the gaps between the letters of a word.
    joined = cv2.morphologyEx(
        raised.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 5), np.uint8)
    )
    _, numbers, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found: list[Marker] = []
    for number, (left, top, wide, high, _) in enumerate(boxes.tolist()):
        box = Marker(top, left, high, wide)
        if number and _has_size(box) and _is_marker(small, numbers == number, box):
            found.append(_scaled(box, rows / height, columns / width))
    return found


def _has_size(box: Marker) -> bool:
    return _SMALLEST <= box.height <= _TALLEST and box.width in range(3, _WIDEST + 1)


def _is_marker(picture: GrayImage, inside: NDArray[np.bool_], box: Marker) -> bool:
    """Judge a bright spot by its rise over its surroundings and by its edge."""
    around = _window(box, _MARGIN)
    spot = inside[around].astype(np.uint8)
    gray = picture[around]
    ring = (_dilated(spot, 5) == 0) & (_dilated(spot, 11) > 0)
    if ring.sum() < _FEWEST:
        return False
    area = int(spot.sum())
    rise = float(gray[spot > 0].mean() - gray[ring].mean())
    edge = _dilated(spot, 3) != cv2.erode(spot, np.ones((3, 3), np.uint8))
    across = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    slope = float(np.hypot(*across)[edge].mean()) / 4  # Sobel sums four steps
    filled = area / (box.height * box.width)
    if rise < _RISE or slope < _SHARP * rise or filled < _FILLED:
        return False
    # A plate may lie across the body's edge; letters only count on quiet ground.
    is_plate = filled > _PLATE and rise > _PLATE_RISE and min(box.height, box.width) > 5
    return is_plate or float(gray[ring].std()) < _QUIET * rise


def _window(box: Marker, margin: int) -> tuple[slice, slice]:
    return (
        slice(max(0, box.top - margin), box.top + box.height + margin),
        slice(max(0, box.left - margin), box.left + box.width + margin),
    )


def _dilated(spot: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(spot, np.ones((size, size), np.uint8)), np.uint8)


def _stretched(picture: GrayImage) -> GrayImage:
    low, high = np.percentile(picture, (LOW_PERCENTILE, HIGH_PERCENTILE))
    if high <= low:
        return np.zeros_like(picture)
    return np.asarray(np.clip((picture - low) / (high - low), 0, 1), np.float32)


def _scaled(box: Marker, down: float, across: float) -> Marker:
    return Marker(
        round(box.top * down),
        round(box.left * across),
        max(1, round(box.height * down)),
        max(1, round(box.width * across)),
    )
