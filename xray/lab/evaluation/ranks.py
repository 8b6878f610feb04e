"""How alike two maps are, whatever their scale."""

import numpy as np
from numpy.typing import NDArray


def rank_correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Compute Spearman's rank correlation of two arrays of one shape.

    Equal values share the mean of their ranks. Where one array is flat there are no
    ranks to compare: 0.
    """
    ranks = [_ranks(each.ravel()) for each in (first, second)]
    one, other = (each - each.mean() for each in ranks)
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 0.0


def _ranks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rank from 0; equal values share the mean of their ranks."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    return np.asarray(middle[group], np.float64)
