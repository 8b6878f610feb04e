"""Figures of merit, from answers and labels alone. Pure NumPy.

Throughout, `probabilities` is (N, C) with rows summing to 1 and `targets` holds
each film's class numbers: several where the film shows several parts.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...labels import are_neighbors

Probabilities = NDArray[np.float32]  # (N, C)
Targets = Sequence[tuple[int, ...]]
Flags = NDArray[np.bool_]  # (N,)
Statistic = Callable[[NDArray[np.intp]], float]  # of the films with these indices

BINS = 15  # of equal width over [0, 1]


def is_right(probabilities: Probabilities, targets: Targets) -> Flags:
    """Say of each film whether the likeliest part is any of its labels: (N,)."""
    likeliest = probabilities.argmax(axis=1)
    pairs = zip(likeliest, targets, strict=True)
    return np.array([int(top) in parts for top, parts in pairs], bool)


def is_near(probabilities: Probabilities, targets: Targets) -> Flags:
    """Say of each film whether the likeliest part is a label or its neighbor: (N,)."""
    likeliest = probabilities.argmax(axis=1)
    return np.array(
        [
            any(int(top) == part or are_neighbors(int(top), part) for part in parts)
            for top, parts in zip(likeliest, targets, strict=True)
        ],
        bool,
    )


def confusion(
    probabilities: Probabilities, targets: Targets, classes: int
) -> NDArray[np.int64]:
    """Count films by true and answered part.

    A film with several labels counts under the one that was answered, or under
    its first where the answer is wrong.

    Returns:
        (C, C): rows are true parts, columns answers.
    """
    counts = np.zeros((classes, classes), np.int64)
    likeliest = probabilities.argmax(axis=1)
    for top, parts in zip(likeliest, targets, strict=True):
        counts[int(top) if int(top) in parts else parts[0], int(top)] += 1
    return counts


def recalls(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Recall of each class from a confusion matrix: (C,), NaN where it has no film."""
    totals = counts.sum(axis=1)
    found = np.full(len(counts), np.nan)
    np.divide(np.diag(counts), totals, out=found, where=totals > 0)
    return found


def precisions(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Precision of each class: (C,), NaN where it was never answered."""
    return recalls(counts.T)


def macro_recall(counts: NDArray[np.int64]) -> float:
    """Mean recall over the classes that have films."""
    return float(np.nanmean(recalls(counts)))


def bootstrap(
    statistic: Statistic,
    groups: Sequence[str],
    rounds: int = 1000,
) -> tuple[float, float]:
    """Find a 95 % interval of films' statistic by drawing whole patients again.

    Returns:
        The 2.5th and the 97.5th percentile.
    """
    random = np.random.default_rng(0)
    _, patient = np.unique(np.asarray(groups), return_inverse=True)
    films_of = [np.flatnonzero(patient == each) for each in range(patient.max() + 1)]
    values = []
    for _ in range(rounds):
        drawn = random.integers(0, len(films_of), len(films_of))
        values.append(statistic(np.concatenate([films_of[i] for i in drawn])))
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def reliability(
    confidences: NDArray[np.float64], right: Flags
) -> list[tuple[float, float, int]]:
    """Compare confidence and accuracy, (N,) each, in bins of equal width.

    Returns:
        Mean confidence, accuracy and count of each bin that holds a film.
    """
    place = np.minimum((confidences * BINS).astype(int), BINS - 1)
    found = []
    for each in range(BINS):
        inside = place == each
        if inside.any():
            mean = float(confidences[inside].mean())
            found.append((mean, float(right[inside].mean()), int(inside.sum())))
    return found


def calibration_error(confidences: NDArray[np.float64], right: Flags) -> float:
    """Expected calibration error (Guo et al. 2017, arXiv 1706.04599, eq. 3)."""
    gaps = [
        abs(confidence - accuracy) * count
        for confidence, accuracy, count in reliability(confidences, right)
    ]
    return float(sum(gaps) / len(confidences))


def brier(probabilities: Probabilities, targets: Targets) -> float:
    """Brier score, 0 to 2: squared distance to the labels, which share 1."""
    truth = np.zeros(probabilities.shape)
    for row, parts in zip(truth, targets, strict=True):
        row[list(parts)] = 1 / len(parts)
    return float(np.mean(np.sum((probabilities - truth) ** 2, axis=1)))


def auroc(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> float:
    """Area under the ROC curve: how often an outside score is the higher one."""
    ranked = np.sort(inside)
    below = np.searchsorted(ranked, outside, side="left")
    ties = np.searchsorted(ranked, outside, side="right") - below
    return float(np.mean(below + ties / 2) / len(inside))
