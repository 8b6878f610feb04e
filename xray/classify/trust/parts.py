"""Films that show several parts: which parts to name beside the likeliest."""

import numpy as np
from numpy.typing import NDArray

from ...labels import OTHERS


def parts_above(
    probabilities: NDArray[np.float32], threshold: float
) -> tuple[int, ...]:
    """Choose the parts a film shows.

    Args:
        probabilities: (C,), sum 1.
        threshold: From which probability a further part is named.

    Returns:
        Class numbers, likeliest first: always that one, and the others from the
        threshold on. "Others" is only ever named alone.
    """
    order = np.argsort(-probabilities, kind="stable")
    first = int(order[0])
    if first == OTHERS:
        return (first,)
    further = [
        int(part)
        for part in order[1:]
        if probabilities[part] >= threshold and part != OTHERS
    ]
    return (first, *further)
