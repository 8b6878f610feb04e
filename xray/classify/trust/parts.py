"""Films that show several parts: which parts to name beside the likeliest."""

from collections.abc import Sequence

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


def fit_threshold(
    probabilities: NDArray[np.float32], targets: Sequence[tuple[int, ...]]
) -> float:
    """Find the threshold with the best F1 over films, labels against named parts.

    Args:
        probabilities: (N, C), calibrated, of films that trained nothing.
        targets: Each film's class numbers, one or several.

    Returns:
        Between 0.05 and 0.5, the middle of the best range.
    """
    tried = np.linspace(0.05, 0.5, 91)
    scores = np.array([part_f1(probabilities, targets, each) for each in tried])
    best = np.flatnonzero(np.isclose(scores, scores.max()))
    return round(float(tried[best[len(best) // 2]]), 3)


def part_f1(
    probabilities: NDArray[np.float32],
    targets: Sequence[tuple[int, ...]],
    threshold: float,
) -> float:
    """F1 of the named parts against the labels, averaged over films."""
    scores = []
    for row, labels in zip(probabilities, targets, strict=True):
        named = set(parts_above(row, threshold))
        shared = len(named & set(labels))
        scores.append(2 * shared / (len(named) + len(set(labels))))
    return float(np.mean(scores))
