"""Fitting what turns logits into answers: temperature, and the threshold for parts.

One temperature, so that a confidence of 0.9 is right 9 times in 10.

Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv 1706.04599.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...classify.trust.confidence import parts_above, softmax

LOWEST, HIGHEST = 0.05, 10.0
_GOLDEN = (5**0.5 - 1) / 2


def fit_temperature(
    logits: NDArray[np.float32], targets: Sequence[tuple[int, ...]]
) -> float:
    """Find the temperature that makes the labels likeliest.

    A film with several labels is answered well by any of them, so the
    likelihood is that of their sum, the event that the accuracy counts.

    Args:
        logits: (N, C) of films that trained nothing.
        targets: Each film's class numbers.

    Returns:
        What to divide logits by, between 0.05 and 10.
    """
    low, high = np.log(LOWEST), np.log(HIGHEST)
    # The mean log likelihood has a single peak in 1/T: golden-section search.
    for _ in range(40):
        left = high - _GOLDEN * (high - low)
        right = low + _GOLDEN * (high - low)
        if loss(logits, targets, np.exp(left)) < loss(logits, targets, np.exp(right)):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def loss(
    logits: NDArray[np.float32], targets: Sequence[tuple[int, ...]], temperature: float
) -> float:
    """Mean negative log likelihood of any of the labels, at a temperature."""
    probabilities = softmax(logits, temperature).astype(np.float64)
    likelihoods = [
        row[list(parts)].sum()
        for row, parts in zip(probabilities, targets, strict=True)
    ]
    return float(-np.mean(np.log(np.maximum(likelihoods, 1e-12))))


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


def lowest_border(
    confidences: NDArray[np.float64],
    wrong: NDArray[np.bool_],
    answers: int | NDArray[np.int64],
    share: float,
    floor: float,
) -> float | None:
    """Find the lowest confidence above which few enough answers are wrong.

    One wrong answer more than was seen is counted, (k + 1) / (n + 1), as in conformal
    risk control (Angelopoulos et al. 2022, arXiv 2208.02814): a few films that happen
    to be right prove nothing.

    Args:
        confidences: Of N answers, in any order.
        wrong: Whether each was wrong.
        answers: n: one number, or one for each rank, the surest first.
        share: That may be wrong, (0, 1).
        floor: Confidence of whatever is less sure than these N.

    Returns:
        Never between equal confidences; None where nothing is proven.
    """
    order = np.argsort(-confidences, kind="stable")
    ranked = np.append(confidences[order], floor)
    may_end = (np.cumsum(wrong[order]) + 1) / (answers + 1) <= share
    may_end &= ranked[:-1] > ranked[1:]
    if not may_end.any():
        return None
    last = int(np.flatnonzero(may_end)[-1])
    return float((ranked[last] + ranked[last + 1]) / 2)
