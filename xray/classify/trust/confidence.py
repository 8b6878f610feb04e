"""What a confidence means: its band, its color, its word, which parts are named."""

from enum import Enum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ...labels import OTHERS, Language

HIGH_ABOVE = 0.90
MEDIUM_FROM = 0.70
_SMALLEST = np.float32(1e-9)  # probability whose logarithm is taken


class Shown(Enum):
    """A band or a verdict: its value, English and Spanish, color and icon."""

    color: str  # name of a Streamlit theme color
    icon: str  # differs in shape, for eyes that can't tell the colors apart
    _words: dict[Language, str]

    def __new__(
        cls,
        value: str,
        english: str = "",  # never so: mypy takes `Band("high")` for a call of this
        spanish: str = "",
        color: str = "",
        icon: str = "",
    ) -> Self:
        """Keep beside the value how it is shown."""
        shown = object.__new__(cls)
        shown._value_ = value
        shown.color, shown.icon = color, icon
        shown._words = {"en": english, "es": spanish}
        return shown

    def word(self, language: Language = "en") -> str:
        """Say it in a language of the app."""
        return self._words[language]


class Band(Shown):
    """How far to trust an answer: high (green), medium (orange), low (red)."""

    HIGH = "high", "sure", "segura", "green", "✓"
    MEDIUM = "medium", "check", "revisar", "orange", "~"
    LOW = "low", "unsure", "dudosa", "red", "!"


def band(confidence: float, high_above: float = HIGH_ABOVE) -> Band:
    """Sort a confidence in [0, 1] into its band.

    High is above 0.90, medium from 0.70 to 0.90 inclusive, low below 0.70; a local
    card may move the first border.
    """
    if confidence > high_above:
        return Band.HIGH
    return Band.MEDIUM if confidence >= MEDIUM_FROM else Band.LOW


def softmax(
    logits: NDArray[np.float32], temperature: float = 1.0
) -> NDArray[np.float32]:
    """Turn logits (N, 22) into calibrated probabilities (N, 22), rows summing to 1.

    Temperature scaling: Guo et al. 2017, arXiv 1706.04599.
    """
    scaled = np.asarray(logits, np.float64) / temperature
    scaled -= scaled.max(axis=-1, keepdims=True)
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def parts_above(
    probabilities: NDArray[np.float32], threshold: float
) -> tuple[int, ...]:
    """Choose the parts a film shows, from probabilities (C,), likeliest first.

    Always the likeliest, and the others from the threshold on. "Others" is only ever
    named alone.
    """
    order = np.argsort(-probabilities, kind="stable")
    first = int(order[0])
    if first == OTHERS:
        return (first,)
    further = [
        int(part)
        for part in order[1:]
        if probabilities[part] >= threshold and part != OTHERS
    ]
    return (first, *further)


def recalibrate(
    probabilities: NDArray[np.float32], temperature: float
) -> NDArray[np.float32]:
    """Divide the logits behind probabilities (N, 22) or (22,) by a temperature."""
    return softmax(log_probabilities(probabilities), temperature)


def log_probabilities(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the logits behind probabilities, up to a constant for each film."""
    return np.log(np.maximum(probabilities, _SMALLEST))
