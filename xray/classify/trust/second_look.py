"""When to look at a film again in another pose, and what several looks say together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .confidence import MEDIUM_FROM
from .pose import BORDERED, POSES, UPRIGHT, Pose

AGAIN_BELOW = 0.6  # confidence of the first look
MOST_LOOKS = 2  # beside the first
LEAST_LIKELY = 0.1  # probability of a pose that is worth a look
FIRST_COUNTS = 1.5  # times as much as another look of the same confidence
UNFAMILIAR_COUNTS = 0.1  # times as much as a familiar one


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the network saw in a film, in one pose undone."""

    pose: Pose
    probabilities: NDArray[np.float32]  # (22,), calibrated
    unfamiliar: bool  # lies far from every known radiograph
    poses: NDArray[np.float32] | None = None  # (5,), how likely each of `POSES` is
    activations: NDArray[np.float32] | None = None  # (8, 8, 1856), for maps
    second_part: int | None = None  # what a second reader says alone, where asked

    @property
    def confidence(self) -> float:
        """Probability of the likeliest part."""
        return float(self.probabilities.max())

    @property
    def is_sure(self) -> bool:
        """Whether no other look is worth its time."""
        return self.confidence >= AGAIN_BELOW and not self.unfamiliar

    @property
    def weight(self) -> float:
        """How much the look counts beside others."""
        weight = self.confidence**2
        if self.pose is UPRIGHT:
            weight *= FIRST_COUNTS
        return weight * UNFAMILIAR_COUNTS if self.unfamiliar else weight


def further_poses(first: Look, bordered: bool = False) -> list[Pose]:
    """Choose the poses that a film should be looked at in after the first look.

    Args:
        first: At the film as it came.
        bordered: Whether the film lies in a bright border.
    """
    if first.is_sure or first.poses is None:
        return []
    order = np.argsort(-first.poses, kind="stable")
    likely = [
        POSES[i]
        for i in order
        if first.poses[i] >= LEAST_LIKELY and POSES[i] is not UPRIGHT
    ]
    return [*([BORDERED] if bordered else []), *likely][:MOST_LOOKS]


def is_stranger(
    looks: list[Look], chosen: Look, probabilities: NDArray[np.float32]
) -> bool:
    """Say whether a film is like no known radiograph, after every look.

    An unfamiliar film that lies turned may look familiar when it is turned back. So
    may a photograph, by chance; but that one is hardly answered with confidence, nor
    does a second reader see the same part in it as it came. A bright border is
    no chance: what lies inside decides alone.

    Args:
        looks: As for `combine`.
        chosen: The look it chose.
        probabilities: (22,), what all looks say together.
    """
    if chosen.pose is BORDERED:
        return chosen.unfamiliar
    first = looks[0]
    unsure = float(probabilities.max()) < MEDIUM_FROM
    is_denied = first.second_part not in (None, int(probabilities.argmax()))
    return chosen.unfamiliar or (first.unfamiliar and (unsure or is_denied))


def combine(looks: list[Look]) -> tuple[NDArray[np.float32], Look]:
    """Weigh looks by their confidence.

    Args:
        looks: At one film; the first is of the film as it came.

    Returns:
        Probabilities (22,), and the look that counts most among those that say the
        same as all together: its map explains the answer.
    """
    if len(looks) == 1:
        return looks[0].probabilities, looks[0]
    weights = np.array([look.weight for look in looks])
    each = np.stack([look.probabilities for look in looks])
    mixed = np.asarray(weights @ each / weights.sum(), np.float32)
    agreeing = [look for look in looks if look.probabilities.argmax() == mixed.argmax()]
    return mixed, max(agreeing or looks, key=lambda look: look.weight)
