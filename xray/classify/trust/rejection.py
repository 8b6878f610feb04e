"""Out-of-distribution detection: what makes a picture no radiograph to believe in.

First cheap tests of the picture itself (color, size, blank, smooth, noise), then the
distance of the network's penultimate features to those of reference films.
Distances are Hellinger's (see `unit_features`): of the nearest-neighbor, Mahalanobis
and energy scores that were compared, this had the highest AUROC. Nearest neighbors: Sun
et al. 2022, arXiv 2204.06507.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ...image import GrayImage, Letterbox
from .confidence import MEDIUM_FROM

SMALLEST = 32  # pixels of the shorter side
FLATTEST = 0.02  # range of a blank exposure's gray levels
SMOOTHEST = 0.0003  # films stay above 0.0006; gradients are below
ROUGHEST = 0.3  # films stay below 0.11; printed text is above 0.4, noise above 0.7


def fault(image: GrayImage, square: GrayImage, colored: bool = False) -> str | None:
    """Test a picture (H, W) itself, and its letterboxed and stretched square (S, S).

    Returns:
        Key of the message that says why it is no radiograph, or None.
    """
    if colored:
        return "rejected_colored"
    if min(image.shape) < SMALLEST:
        return "rejected_small"
    darkest, brightest, _, _ = cv2.minMaxLoc(image)  # faster than NumPy's
    if brightest - darkest < FLATTEST:
        return "rejected_blank"
    height, width = image.shape
    inside = square[Letterbox(height, width, square.shape[0]).box]
    found = roughness(inside)
    if found < SMOOTHEST:
        return "rejected_smooth"
    return "rejected_rough" if found > ROUGHEST else None


def roughness(image: GrayImage) -> float:
    """Share of the variance between neighboring pixels: 0 flat, 1 white noise."""
    variance = float(cv2.meanStdDev(image)[1].item() ** 2)  # faster than NumPy's
    if not variance:
        return 0.0
    pairs = (image[1:], image[:-1]), (image[:, 1:], image[:, :-1])
    # One pixel across, where a film is hundreds of times as long as it is wide.
    means = [
        cv2.norm(one, other, cv2.NORM_L2SQR) / one.size
        for one, other in pairs
        if one.size
    ]
    return sum(means) / (2 * len(means) * variance)


def is_ood(
    distances: NDArray[np.float64],
    confidences: NDArray[np.float32],
    thresholds: tuple[float, float],
) -> NDArray[np.bool_]:
    """Say which pictures are out of distribution (OOD): too far from every reference.

    Films of other hospitals lie far as well, but are often answered with some
    confidence, which other pictures hardly are: those may lie farther. Thresholds are
    for confidences below that of the medium band, and from it on.
    """
    unsure, surer = thresholds
    return distances > np.where(confidences < MEDIUM_FROM, unsure, surer)


def unit_features(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the roots of features (N, F), at least 0, and scale each row to length 1.

    Distances between such vectors are Hellinger's distance between the features as
    shares of their sum: how bright a film is drops out.
    """
    roots = np.sqrt(np.maximum(features, 0))
    lengths = np.linalg.norm(roots, axis=1, keepdims=True)
    return np.asarray(roots / np.maximum(lengths, 1e-12), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class OodDetector:
    """The features of reference films, and how far others lie from them."""

    center: NDArray[np.float32]  # (F,)
    axes: NDArray[np.float32]  # (F, D), orthonormal
    references: NDArray[np.float32]  # (M, D), reference films along the axes
    squares: NDArray[np.float32] = field(init=False)  # (M,), of them, summed once

    def __post_init__(self) -> None:
        """Sum what every film would sum again."""
        object.__setattr__(self, "squares", np.sum(self.references**2, axis=1))

    def distances(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Measure features' (N, F) squared distances to the nearest film: (N,), 0 to 2.

        What the kept axes don't hold counts in full.
        """
        offset = unit_features(features) - self.center
        along = offset @ self.axes
        lengths = np.sum(along**2, axis=1)
        beside = np.sum(offset**2, axis=1) - lengths
        squares = lengths[:, None] + self.squares - 2 * along @ self.references.T
        nearest = np.maximum(squares.min(axis=1), 0)
        return np.asarray(nearest + np.maximum(beside, 0), np.float64)
