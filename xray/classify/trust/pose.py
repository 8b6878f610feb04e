"""Films that lie turned, inverted or in a bright border: guessing how, and undoing it.

A film that the network is unsure of is looked at again as it would be if it had been
turned or exported as its negative, where its features say that it may have been; and
without a bright border, where it has one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...image import GrayImage, to_square
from .border import darken_border
from .confidence import softmax
from .rejection import unit_features


@dataclass(frozen=True, slots=True)
class Pose:
    """How a film lies before the network."""

    key: str
    turns: int = 0  # by 90 degrees against the clock
    inverted: bool = False
    bordered: bool = False  # an even bright border lies around it

    def undo(self, pixels: GrayImage, square: GrayImage) -> GrayImage:
        """Lay a film (H, W), and its square (S, S), as it would be without this pose.

        Both are in [0, 1]; so is the new square, letterboxed and stretched.
        """
        if self.inverted or self.bordered:
            return to_square(self.lay(pixels), len(square))
        return np.ascontiguousarray(np.rot90(square, -self.turns))

    def lay(self, pixels: GrayImage) -> GrayImage:
        """Lay a whole film (H, W), [0, 1], as it would be without this pose."""
        if self.inverted:
            return 1 - pixels
        if self.bordered:
            return darken_border(pixels)
        return np.ascontiguousarray(np.rot90(pixels, -self.turns))

    def redo(self, heatmap: NDArray[np.float32]) -> NDArray[np.float32]:
        """Lay a map (S, S) of the undone film over the film as it came."""
        return np.ascontiguousarray(np.rot90(heatmap, self.turns))


UPRIGHT = Pose("upright")
POSES = (
    UPRIGHT,
    Pose("turned_90", turns=1),
    Pose("turned_180", turns=2),
    Pose("turned_270", turns=3),
    Pose("inverted", inverted=True),
)
# Seen in the picture, not guessed from features.
BORDERED = Pose("bordered", bordered=True)


@dataclass(frozen=True, slots=True, eq=False)
class PoseGuess:
    """Linear discriminants of the five `POSES` (Fisher 1936), on unit features."""

    weights: NDArray[np.float32]  # (F, 5)
    offsets: NDArray[np.float32]  # (5,)

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Say how likely each pose is: (N, F), pooled, to (N, 5), rows summing to 1."""
        return softmax(unit_features(features) @ self.weights + self.offsets)
