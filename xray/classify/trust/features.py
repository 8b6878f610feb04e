"""The network's pooled features: what films are compared by."""

import numpy as np
from numpy.typing import NDArray


def unit_features(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the features' square roots and scale them to length 1.

    Distances between such vectors are Hellinger's distance between the features as
    shares of their sum: how bright a film is drops out.

    Args:
        features: (N, F), pooled, at least 0.

    Returns:
        (N, F), rows of length 1.
    """
    roots = np.sqrt(np.maximum(features, 0))
    lengths = np.linalg.norm(roots, axis=1, keepdims=True)
    return np.asarray(roots / np.maximum(lengths, 1e-12), np.float32)
