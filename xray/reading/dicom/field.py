"""The exposed field of a radiograph: what lies inside the collimator's edges."""

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from ...header.elements import first_number

Box = tuple[slice, slice]  # rows, columns

# A border line whose values spread less than this part of the whole is shadow.
_FLAT = 0.03
_SMALLEST_FIELD = 0.1  # of the picture's area
_EDGES = (
    # PS3.3 C.8.7.3 (collimator) and C.7.6.11 (shutter): pixel rows and columns
    # counted from 1.
    "{}UpperHorizontalEdge",
    "{}LowerHorizontalEdge",
    "{}LeftVerticalEdge",
    "{}RightVerticalEdge",
)


def find_field(dataset: Dataset, thumb: NDArray[np.float64], rows: int) -> Box:
    """Find the exposed field from the header's edges and the picture's borders.

    Those of the collimator (0018,1702-1708) and the shutter (0018,1602-1608) count
    among the rows of the whole picture; `thumb` is that, thinned out evenly.

    Returns:
        Rows and columns of `thumb`; all of it where no field stands out.
    """
    box = _whole(thumb)
    for kind in ("Collimator", "Shutter"):
        box = _accept(thumb, _from_edges(dataset, kind, thumb, rows), box)
    inside = thumb[box]
    content = _from_content(inside)
    if content is None:
        return box
    shifted = (
        slice(box[0].start + content[0].start, box[0].start + content[0].stop),
        slice(box[1].start + content[1].start, box[1].start + content[1].stop),
    )
    return _accept(thumb, shifted, box)


def _whole(thumb: NDArray[np.float64]) -> Box:
    return slice(0, thumb.shape[0]), slice(0, thumb.shape[1])


def _accept(thumb: NDArray[np.float64], box: Box | None, otherwise: Box) -> Box:
    if box is None or thumb[box].size < _SMALLEST_FIELD * thumb.size:
        return otherwise
    return box


def _from_edges(
    dataset: Dataset, kind: str, thumb: NDArray[np.float64], rows: int
) -> Box | None:
    values = [first_number(dataset, edge.format(kind)) for edge in _EDGES]
    if any(value is None for value in values):
        return None
    scale = thumb.shape[0] / rows
    top, bottom, left, right = (
        max(0, round(float(value or 0) * scale)) for value in values
    )
    return (
        slice(min(top, thumb.shape[0]), min(bottom, thumb.shape[0])),
        slice(min(left, thumb.shape[1]), min(right, thumb.shape[1])),
    )


def _from_content(thumb: NDArray[np.float64]) -> Box | None:
    low, high = np.percentile(thumb, (1, 99))
    if high <= low:
        return None
    sides = []
    for axis in (1, 0):
        ends = np.percentile(thumb, (10, 90), axis=axis)
        lively = np.flatnonzero(ends[1] - ends[0] > _FLAT * (high - low))
        if not lively.size:
            return None
        sides.append(slice(int(lively[0]), int(lively[-1]) + 1))
    return sides[0], sides[1]
