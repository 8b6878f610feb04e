"""Test-time augmentation: when a film is read again, and what all views say together.

Both networks of the ensemble view every film as it came. Where they are unsure, they
view it again in the poses that it may lie in. The thresholds are the model card's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...network.card import Views
from .confidence import MEDIUM_FROM
from .pose import BORDERED, POSES, UPRIGHT, Pose

Logits = NDArray[np.float32]  # (N, 22)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What the networks saw in a film, in one pose undone."""

    pose: Pose
    probabilities: NDArray[np.float32]  # (22,), calibrated
    ood: bool  # out of distribution: lies far from every reference film
    poses: NDArray[np.float32] | None = None  # (5,), how likely each of `POSES` is
    activations: NDArray[np.float32] | None = None  # (8, 8, 1856), for maps

    @property
    def confidence(self) -> float:
        """Probability of the likeliest part."""
        return float(self.probabilities.max())


def together(first: Logits, second: Logits, share: float) -> Logits:
    """Weigh the logits of two networks: the geometric mean of their probabilities.

    So a part that either rules out stays out, and what both say is said more surely
    than by the mean of their probabilities. The share is the second's, [0, 1].
    """
    own = np.float32(1 - share) * _normalized(first)
    return own + np.float32(share) * _normalized(second)


def _normalized(logits: Logits) -> Logits:
    """Turn logits into log probabilities, which compare between networks."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.asarray(logs, np.float32)


def is_sure(view: View, settings: Views) -> bool:
    """Say whether no further view is worth its time."""
    return view.confidence >= settings.again_below and not view.ood


def further_poses(first: View, settings: Views, bordered: bool = False) -> list[Pose]:
    """Choose the poses to view a film in after the first view, of it as it came."""
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
    a photograph, by chance; but that one is hardly answered with confidence. A bright
    border is no chance: what lies inside decides alone. View and probabilities (22,)
    are those that `combine` gives.
    """
    if chosen.pose is BORDERED:
        return chosen.ood
    first = views[0]
    unsure = float(probabilities.max()) < MEDIUM_FROM
    return chosen.ood or (first.ood and unsure)


def combine(views: list[View], settings: Views) -> tuple[NDArray[np.float32], View]:
    """Weigh views by their confidence.

    The first is of the film as it came.

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
