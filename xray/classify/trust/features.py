"""The network's pooled features: what films are compared by."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
AXES = 128  # principal axes that hold what tells films apart


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


def principal_axes(features: Array, count: int = AXES) -> tuple[Array, Array]:
    """Find the mean of features (N, F), and the axes they vary most along.

    Returns:
        Mean (F,), and axes (F, D), orthonormal; D is `count` or the fewer there are.
    """
    center = features.mean(axis=0)
    axes = np.linalg.svd(features - center, full_matrices=False)[2][:count].T
    return center, axes


def class_spread(
    features: Array, classes: NDArray[np.int64], ridge: float
) -> tuple[Array, Array]:
    """Find the mean of each class, and the covariance that all classes share.

    Args:
        features: (N, D).
        classes: (N,), any numbers.
        ridge: Share of the mean variance that is added to every variance.

    Returns:
        Means (C, D) in order of the classes, and the covariance within them, (D, D).
    """
    numbers, place = np.unique(classes, return_inverse=True)
    means = np.stack([features[classes == each].mean(axis=0) for each in numbers])
    within = features - means[place]
    covariance = within.T @ within / len(within)
    added = ridge * np.trace(covariance) / len(covariance)
    return means, covariance + added * np.eye(len(covariance))
