"""The fast way: which films the small network of the ensemble answers alone.

One view of it costs an eighth of the first network's time. Where it is sure, and has
seen films like this one, both together say the same; how often they don't is the card's
threshold.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ...labels import OTHERS
from ...network.card import Card, Fast
from ...network.local_card import LocalCard
from .confidence import softmax
from .references import References
from .rejection import OodDetector

Array = NDArray[np.float32]


def require_fast(card: Card, local: LocalCard | None = None) -> None:
    """Make sure that the fast way was measured for these cards.

    Raises:
        ModelError: Nothing was fitted, or a local card calibrates the answers.
    """
    if card.fast is None or local is not None:
        received = "none" if local is None else f"local card {local.name}"
        raise ModelError(
            "Expected thresholds for the fast way in the model card, as `xray evaluate "
            f"--fit` measures them, and no local card. Received: {received}. Ask both "
            "networks, or use the shipped card."
        )


@dataclass(frozen=True, slots=True, eq=False)
class FastWay:
    """The card's thresholds, and the small network's features of reference films."""

    settings: Fast
    detector: OodDetector

    @classmethod
    def load(cls, card: Card) -> "FastWay | None":
        """Read what the card names; None where nothing was fitted.

        Raises:
            ModelError: It is missing, damaged or another than the card's.
        """
        if card.fast is None:
            return None
        kept = card.beside(card.fast.file, card.fast.sha256)
        return cls(card.fast, References.load(kept).detector)

    def answer(self, logits: Array, features: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Answer N films as far as the small network may.

        Args:
            logits: (N, 22), its.
            features: (N, F), its, pooled.

        Returns:
            Probabilities (N, 22), and which of these answers stand, (N,). What it
            takes for none of the parts never does.
        """
        probabilities = softmax(logits, self.settings.temperature)
        sure = probabilities.max(axis=1) >= self.settings.confidence
        familiar = self.detector.distances(features) <= self.settings.distance
        is_part = probabilities.argmax(axis=1) != OTHERS
        return probabilities, sure & familiar & is_part
