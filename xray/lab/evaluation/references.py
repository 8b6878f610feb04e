"""Fitting what is kept of reference films: their features, and how poses look."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...classify.trust.pose import PoseGuess
from ...classify.trust.references import References
from ...classify.trust.rejection import OodDetector, unit_features

Array = NDArray[np.floating]
AXES = 128  # principal axes that hold what tells films apart
RIDGE = 0.1  # of the mean variance along them, for poses


def fit_detector(features: NDArray[np.float32], axes: int = AXES) -> OodDetector:
    """Remember features (M, F) of reference films along their principal axes."""
    unit = unit_features(features)
    center, directions = principal_axes(unit, axes)
    # Rounded as they are stored, so that a reloaded one says the same.
    stored = [center, directions, (unit - center) @ directions]
    return OodDetector(*(each.astype(np.float16).astype(np.float32) for each in stored))


def fit_poses(features: Sequence[NDArray[np.float32]]) -> PoseGuess:
    """Fit to films that were laid in every pose.

    Args:
        features: For each of `POSES`, (M, F), pooled, of the same M films.
    """
    unit = np.concatenate([unit_features(each) for each in features])
    pose = np.repeat(np.arange(len(features)), [len(each) for each in features])
    center, axes = principal_axes(unit)
    means, covariance = class_spread((unit - center) @ axes, pose, RIDGE)
    directions = np.linalg.solve(covariance, means.T)
    weights = axes @ directions
    offsets = -0.5 * np.sum(means.T * directions, axis=0) - center @ weights
    return PoseGuess(weights.astype(np.float32), offsets.astype(np.float32))


def save_references(references: References, path: Path) -> None:
    """Write to an .npz file, features in half precision."""
    detector, poses = references.detector, references.poses
    half = {
        "center": detector.center,
        "axes": detector.axes,
        "known": detector.references,
    }
    stored: dict[str, NDArray[np.floating]] = {
        name: array.astype(np.float16) for name, array in half.items()
    }
    if poses is not None:
        stored |= {"pose_weights": poses.weights, "pose_offsets": poses.offsets}
    np.savez_compressed(path, allow_pickle=False, **stored)


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
