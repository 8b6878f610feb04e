"""Does the map lie where it should? Warnings for border, markers and padding.

A map that lies on letters, on the film's edge or beside the film may mean that
the network decides by something other than the body. It is a reason to look
twice and no proof: a map of 8 x 8 places can't tell a letter from what is next
to it.
"""

import numpy as np

from ..classify.prediction import Explanation
from ..image import INPUT_SIZE, GrayImage, crop_square, resize
from ..reading.radiograph import Notice
from .markers import Marker, find_markers

PADDING_SHARE = 0.2  # of the map's mass, above which it counts as on the padding
BORDER_SHARE = 0.4  # of the map's mass
BORDER_WIDTH = 0.08  # of the picture's longer side
MARKER_LEVEL = 0.5  # mean of the map over a marker, its maximum being 1
_SIDE = 320  # pixels, at which shares are measured


def check_focus(
    picture: GrayImage, explanation: Explanation, label: int | None = None
) -> tuple[Notice, ...]:
    """Warn where a map lies on something other than the body.

    Args:
        picture: (H, W), [0, 1], what was explained.
        explanation: Of that picture.
        label: Which of its maps; None is the first.

    Returns:
        `focus_empty` where the map is all 0, else any of `focus_padding`,
        `focus_border` (both with `share`) and `focus_marker`.
    """
    if label is None:
        label = next(iter(explanation.maps))
    if not explanation.maps[label].any():
        return (Notice("focus_empty"),)
    found: list[Notice] = []
    if (share := padding_share(explanation, label)) > PADDING_SHARE:
        found.append(Notice("focus_padding", {"share": f"{share:.0%}"}))
    scale = min(1.0, _SIDE / max(picture.shape))
    height, width = (max(1, round(length * scale)) for length in picture.shape)
    heatmap = explanation.heatmap_of(label, height, width)
    if (share := border_share(heatmap)) > BORDER_SHARE:
        found.append(Notice("focus_border", {"share": f"{share:.0%}"}))
    markers = find_markers(resize(picture, height, width))
    if any(marker_level(heatmap, each) > MARKER_LEVEL for each in markers):
        found.append(Notice("focus_marker"))
    return tuple(found)


def padding_share(explanation: Explanation, label: int) -> float:
    """Measure how much of a map's mass the letterbox cuts off, [0, 1]."""
    square = resize(explanation.maps[label], INPUT_SIZE, INPUT_SIZE)
    whole = float(square.sum())
    if whole <= 0:
        return 0.0
    kept = crop_square(square, explanation.height, explanation.width)
    return max(0.0, 1 - float(kept.sum()) / whole)


def border_share(heatmap: GrayImage) -> float:
    """Measure how much of a map's mass lies at the picture's edge, [0, 1]."""
    whole = float(heatmap.sum())
    edge = max(1, round(BORDER_WIDTH * max(heatmap.shape)))
    if whole <= 0 or min(heatmap.shape) <= 2 * edge:
        return 0.0
    return max(0.0, 1 - float(heatmap[edge:-edge, edge:-edge].sum()) / whole)


def marker_level(heatmap: GrayImage, marker: Marker) -> float:
    """Average a map over a marker of the same picture, [0, 1]."""
    rows = slice(marker.top, marker.top + marker.height)
    columns = slice(marker.left, marker.left + marker.width)
    return float(np.mean(heatmap[rows, columns]))
