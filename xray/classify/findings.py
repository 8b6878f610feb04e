"""Findings beside the body part: fracture, hardware and projection of one film.

Experimental: for research, not for diagnosis.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import XrayError
from ..labels import Language
from ..messages import MESSAGES
from ..network.findings.answer import FindingsAnswer
from ..network.findings.card import FindingsCard
from ..network.findings.points import BALANCED, POINTS, Point
from ..text import sureness

# Spanish, and how it says that it is flagged.
_WORDS = {
    "fracture": ("fractura", "marcada"),
    "hardware": ("material metálico", "marcado"),
    "frontal": ("frontal", ""),
    "lateral": ("lateral", ""),
    "oblique": ("oblicua", ""),
    "several": ("varias proyecciones", ""),
}
_ENGLISH = {"several": "several projections"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a film shows something."""

    probability: float  # [0, 1], calibrated
    flag: bool  # from the operating point's threshold on


@dataclass(frozen=True, slots=True)
class Projection:
    """How the beam went through the part: frontal, lateral, oblique, or several."""

    name: str  # one of `network.findings.answer.PROJECTIONS`
    probability: float  # [0, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What was found on a film that was asked about; all None where it can't be asked.

    That is where the body part isn't one the network was trained on, or where the
    answer on the part is red: refused, or of low confidence.
    """

    card: FindingsCard
    answer: FindingsAnswer | None  # its map lies over the film as it came
    point: Point = BALANCED  # decides flags, never probabilities

    @property
    def fracture(self) -> Finding | None:
        """Whether it shows a fracture, by the chosen operating point."""
        if self.answer is None:
            return None
        threshold = self.card.points[self.point].threshold
        return Finding(self.answer.fracture, self.answer.fracture >= threshold)

    @property
    def hardware(self) -> Finding | None:
        """Whether it shows metal: plates, screws, nails, prostheses."""
        if self.answer is None:
            return None
        flag = self.answer.hardware >= self.card.hardware_threshold
        return Finding(self.answer.hardware, flag)

    @property
    def projection(self) -> Projection | None:
        """The likeliest projection."""
        if self.answer is None:
            return None
        probability = float(self.answer.projection.max())
        return Projection(self.answer.projection_name, probability)

    @property
    def where(self) -> NDArray[np.float32] | None:
        """Where a fracture may be: (24, 24) on the square, [0, 1]."""
        return None if self.answer is None else self.answer.where

    def lines(self, language: Language = "en") -> list[str]:
        """Say for people what was found, and in the last line what it's not for."""
        if self.fracture is None or self.hardware is None or self.projection is None:
            return [MESSAGES["findings_not_asked"].text(language)]
        said = (
            _said("fracture", self.fracture, language),
            _said("hardware", self.hardware, language),
            _said(self.projection.name, self.projection, language),
        )
        return [", ".join(said), MESSAGES["findings_research"].text(language)]

    def text(self, language: Language = "en") -> str:
        """Say the same in one line."""
        return " · ".join(self.lines(language))

    def at(self, point: Point) -> "Findings":
        """Flag by another operating point; nothing is computed again."""
        return replace(self, point=point)


def word(name: str, language: Language = "en") -> str:
    """Name a finding or a projection in a language of the app."""
    return _WORDS[name][0] if language == "es" else _ENGLISH.get(name, name)


def _said(name: str, found: Finding | Projection, language: Language) -> str:
    said = f"{word(name, language)} {sureness(found.probability)}"
    if isinstance(found, Projection) or not found.flag:
        return said
    return f"{said} ({_WORDS[name][1] if language == 'es' else 'flagged'})"


def chosen_point(asked: bool | Point) -> Point:
    """Say by which operating point to flag.

    Args:
        asked: True is the balanced one.

    Raises:
        XrayError: There is no such point.
    """
    if asked is True:
        return BALANCED
    if asked not in POINTS:
        raise XrayError(
            f"Expected findings=True or one of {', '.join(POINTS)}, received {asked!r}."
        )
    return asked
