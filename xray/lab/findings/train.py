"""Training of the network of findings: its task, and what it loses by."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from ..training.learner import Learner, digest
from ..training.recipes import Phase, Recipe
from .films import MarkedFilm
from .loader import MarkedLoader
from .network import build_findings, freeze

HARDWARE_COUNTS = 0.3  # times as much as the fracture
PROJECTION_COUNTS = 0.5
SMOOTHING = 0.05  # of the projections' labels


@dataclass(frozen=True)
class FindingsTask:
    """The task of finding fractures, metal and the projection.

    Args:
        training: Films to learn from.
        recipe: How to train.
        accuracy: As the log calls it.
    """

    training: Sequence[MarkedFilm]
    recipe: Recipe
    accuracy: str = "film_is_right"

    def films(self) -> dict[str, object]:
        """Say which films teach."""
        return {"films to learn from": digest(each.path.name for each in self.training)}

    def build(self, size: int, imagenet: bool | Path) -> keras.Model:
        """Build the network, its first stages frozen."""
        model = build_findings(size, imagenet, self.recipe.dropout)
        freeze(model)
        return model

    def goal(self) -> dict[str, Any]:
        """Make the losses of the map and of the film."""
        losses = {"where": where_loss, "film": film_loss}
        return {"loss": losses, "metrics": {"film": [is_right]}}

    def loader(self, phase: Phase, epoch: int, seed: int) -> MarkedLoader:
        """Make the batches of an epoch."""
        return MarkedLoader(self.training, self.recipe, phase, epoch, seed)

    def validate(self, _learner: Learner, _phase: Phase) -> dict[str, float]:
        """Keep no films to pick an epoch by: the last one counts."""
        return {}


def where_loss(targets: Any, logits: Any) -> Any:
    """Focal loss over the clear cells, for each cell that shows a fracture.

    Lin et al. 2017, arXiv 1708.02002, equation 5, with gamma 2 and alpha 0.75.
    """
    ops = keras.ops
    targets, logits = (ops.cast(each, "float32") for each in (targets, logits))
    clear = ops.cast(targets >= 0, "float32")
    probability = ops.sigmoid(logits)
    of_class = targets * probability + (1 - targets) * (1 - probability)
    alpha = targets * 0.75 + (1 - targets) * 0.25
    loss = alpha * (1 - of_class) ** 2 * _crossentropy(targets, logits) * clear
    shown = ops.sum(ops.cast(targets == 1, "float32"), axis=(1, 2, 3))
    return ops.sum(loss, axis=(1, 2, 3)) / (1 + shown)


def film_loss(targets: Any, logits: Any) -> Any:
    """Cross-entropy of fracture, hardware and projection, each counted apart."""
    ops = keras.ops
    clear = ops.cast(targets[:, 0] >= 0, "float32")
    fracture = clear * _crossentropy(targets[:, 0], logits[:, 0])
    hardware = _crossentropy(targets[:, 1], logits[:, 1])
    smooth = targets[:, 2:] * (1 - SMOOTHING) + SMOOTHING / 4
    projection = -ops.sum(smooth * ops.log_softmax(logits[:, 2:]), axis=1)
    return fracture + HARDWARE_COUNTS * hardware + PROJECTION_COUNTS * projection


def is_right(targets: Any, logits: Any) -> Any:
    """Share of films whose fracture is seen or rightly not seen."""
    ops = keras.ops
    return ops.cast((logits[:, 0] > 0) == (targets[:, 0] > 0), "float32")


def _crossentropy(targets: Any, logits: Any) -> Any:
    ops = keras.ops
    return ops.softplus(-logits) * targets + ops.softplus(logits) * (1 - targets)
