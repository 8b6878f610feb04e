"""The card of the network of findings: its scaling, operating points and figures.

A JSON file of its own beside the weights: they learned from films of another license
than UNIFESP's, and may be shared apart.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ModelError
from ...labels import BODY_PARTS
from ..card import card_path
from ..sections import check_range, read_section
from ..weights import MODELS, sha256
from .points import POINTS

DEFAULT_FINDINGS = MODELS / "findings.npz"


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold for fractures, and what it cost on the films that were measured."""

    threshold: float  # of the calibrated probability
    sensitivity: float  # share of the fractured films that it flags, out of fold
    specificity: float  # share of the others that it leaves alone

    def __post_init__(self) -> None:
        check_range("points.threshold", self.threshold, 0, 1)


@dataclass(frozen=True, slots=True)
class Scaling:
    """Platt scaling of a logit (Platt 1999)."""

    slope: float = 1.0
    offset: float = 0.0

    def probability(self, logits: ArrayLike) -> NDArray[np.float64]:
        """Turn logits into calibrated probabilities."""
        scaled = self.slope * np.asarray(logits, np.float64) + self.offset
        return np.asarray(1 / (1 + np.exp(-np.clip(scaled, -500, 500))))


@dataclass(frozen=True, slots=True)
class FindingsCard:
    """A card, as its JSON file says it; `figures` holds what was only measured."""

    path: Path  # of the JSON file; not in it
    sha256: str  # of the weights
    parts: tuple[str, ...]  # body parts it may be asked about, by English name
    points: Mapping[str, OperatingPoint]  # each of `POINTS`
    name: str = "xray-findings"
    release: str = "0.8.0"
    license: str = "CC BY 4.0"
    fracture: Scaling = field(default_factory=Scaling)
    hardware: Scaling = field(default_factory=Scaling)
    hardware_threshold: float = 0.5
    projection_temperature: float = 1.0
    training: Mapping[str, object] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {part.english for part in BODY_PARTS}
        if unknown := set(self.parts) - known:
            raise ValueError(f"parts: body parts, received {sorted(unknown)}")
        if set(self.points) != set(POINTS):
            raise ValueError(f"points: {POINTS}, received {sorted(self.points)}")
        check_range("projection_temperature", self.projection_temperature, 0.01, 100)

    @property
    def version(self) -> str:
        """Name, release and the sha256's beginning, as exports state the model."""
        return f"{self.name} {self.release} ({self.sha256[:8]})"

    def covers(self, part: int) -> bool:
        """Say whether films of a body part, by its number, may be asked about."""
        return BODY_PARTS[part].english in self.parts


def read_findings_card(weights: Path = DEFAULT_FINDINGS) -> FindingsCard:
    """Read the card beside a weights file, and check that they belong together.

    Raises:
        ModelError: It is missing, damaged or out of range, or of other weights.
    """
    path = card_path(weights)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        card: FindingsCard = read_section(FindingsCard, content, "the card", path=path)
        received = sha256(weights)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"Expected the card {path.name} and {weights.name} together, could not "
            f"read them: {error}. Restore both files from the repository."
        ) from error
    if received != card.sha256:
        raise ModelError(
            f"Expected weights with sha256 {card.sha256} as {path.name} says, "
            f"{weights.name} has {received}. Restore both files from the repository."
        )
    return card
