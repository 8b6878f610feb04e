"""Test-time augmentation: when a film is read again, and what all views say together.

Every film is viewed as it came. Where the first network is not sure of it the ensemble
answers too; where both are unsure, the film is viewed again in the poses that it may
lie in. The thresholds are the model card's: they were chosen on fold 0, where any
choice from 0.9 to 0.95 of `asked_below`, and from 0.7 to 0.9 of `counts`, differs by a
film or two.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...network.card import EnsembleSettings, Views
from .confidence import MEDIUM_FROM
from .pose import BORDERED, POSES, UPRIGHT, Pose

Probabilities = NDArray[np.float32]  # (N, 22), rows summing to 1, calibrated


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What the networks saw in a film, in one pose undone."""

    pose: Pose
    probabilities: NDArray[np.float32]  # (22,), calibrated
    ood: bool  # out of distribution: lies far from every reference film
    poses: NDArray[np.float32] | None = None  # (5,), how likely each of `POSES` is
    activations: NDArray[np.float32] | None = None  # (8, 8, 1856), for maps
    second_part: int | None = None  # what the ensemble says alone, where asked

    @property
    def confidence(self) -> float:
        """Probability of the likeliest part."""
        return float(self.probabilities.max())


def needs_ensemble(
    first: Probabilities, settings: EnsembleSettings
) -> NDArray[np.bool_]:
    """Say which films the first network is not sure enough of: (N,)."""
    return np.asarray(first.max(axis=1) < settings.asked_below)


def together(
    first: Probabilities, second: Probabilities, settings: EnsembleSettings
) -> Probabilities:
    """Weigh what the first network and the ensemble say of the same films."""
    share = np.float32(settings.counts)
    return (1 - share) * first + share * second


def is_sure(view: View, settings: Views) -> bool:
    """Say whether no further view is worth its time."""
    return view.confidence >= settings.again_below and not view.ood


def further_poses(first: View, settings: Views, bordered: bool = False) -> list[Pose]:
    """Choose the poses that a film should be viewed in after the first view.

    Args:
        first: Of the film as it came.
        settings: The card's.
        bordered: Whether the film lies in a bright border.
    """
    if is_sure(first, settings) or first.poses is None:
        return []
    order = np.argsort(-first.poses, kind="stable")
    likely = [
        POSES[i]
        for i in order
        if first.poses[i] >= settings.least_likely and POSES[i] is not UPRIGHT
    ]
    return [*([BORDERED] if bordered else []), *likely][: settings.most]


def stays_ood(
    views: list[View], chosen: View, probabilities: NDArray[np.float32]
) -> bool:
    """Say whether a film is out of distribution, after every view.

    Such a film that lies turned may be in distribution when it is turned back. So may
    a photograph, by chance; but that one is hardly answered with confidence, nor does
    the ensemble see the same part in it as it came. A bright border is no chance: what
    lies inside decides alone.

    Args:
        views: As for `combine`.
        chosen: The view it chose.
        probabilities: (22,), what all views say together.
    """
    if chosen.pose is BORDERED:
        return chosen.ood
    first = views[0]
    unsure = float(probabilities.max()) < MEDIUM_FROM
    is_denied = first.second_part not in (None, int(probabilities.argmax()))
    return chosen.ood or (first.ood and (unsure or is_denied))


def combine(views: list[View], settings: Views) -> tuple[NDArray[np.float32], View]:
    """Weigh views by their confidence.

    Args:
        views: Of one film; the first is of the film as it came.
        settings: The card's.

    Returns:
        Probabilities (22,), and the view that counts most among those that say the
        same as all together: its map explains the answer.
    """
    if len(views) == 1:
        return views[0].probabilities, views[0]

    def weight(view: View) -> float:
        counts = view.confidence**2
        if view.pose is UPRIGHT:
            counts *= settings.first_counts
        return counts * settings.ood_counts if view.ood else counts

    weights = np.array([weight(view) for view in views])
    each = np.stack([view.probabilities for view in views])
    mixed = np.asarray(weights @ each / weights.sum(), np.float32)
    agreeing = [view for view in views if view.probabilities.argmax() == mixed.argmax()]
    return mixed, max(agreeing or views, key=weight)
