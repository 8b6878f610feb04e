"""Header against picture: two independent readings, and what they say together."""

from enum import Enum

from ..header.claim import HeaderClaim
from ..labels import Language, are_neighbors
from .prediction import Prediction
from .trust.confidence import Appearance, Band


class Verdict(Enum):
    """How the header's claim and the picture's reading compare."""

    AGREE = "agree"
    NEIGHBORING = "neighboring"
    DISAGREE = "disagree"
    MISSING = "missing"
    NOT_UNDERSTOOD = "not_understood"
    UNCERTAIN = "uncertain"

    @property
    def icon(self) -> str:
        """A sign of its own shape."""
        return _APPEARANCES[self].icon

    @property
    def color(self) -> str:
        """Color name: green, orange, red or gray."""
        return _APPEARANCES[self].color

    def word(self, language: Language = "en") -> str:
        """Say the verdict in a language of the app."""
        shown = _APPEARANCES[self]
        return shown.spanish if language == "es" else shown.english


_APPEARANCES = {
    Verdict.AGREE: Appearance("header agrees", "la cabecera coincide", "green", "✓"),
    Verdict.NEIGHBORING: Appearance(
        "header names a neighboring part",
        "la cabecera nombra una parte vecina",
        "orange",
        "≈",
    ),
    Verdict.DISAGREE: Appearance(
        "header disagrees", "la cabecera no coincide", "red", "≠"
    ),
    Verdict.MISSING: Appearance(
        "header names no part", "la cabecera no nombra la parte", "gray", "∅"
    ),
    Verdict.NOT_UNDERSTOOD: Appearance(
        "header not understood", "cabecera no comprendida", "gray", "?"
    ),
    Verdict.UNCERTAIN: Appearance("picture uncertain", "imagen dudosa", "gray", "!"),
}


def judge(claim: HeaderClaim | None, prediction: Prediction) -> Verdict:
    """Compare what the header claims with what the picture shows.

    What the header lacks is said first, whatever the picture; then whether the
    picture can be trusted; only then are the two compared.

    Args:
        claim: The header's reading; None where the file has no header.
        prediction: The picture's reading, made without the header.
    """
    if claim is None or claim.missing:
        return Verdict.MISSING
    if not claim.parts:
        return Verdict.NOT_UNDERSTOOD
    if prediction.rejected is not None or prediction.band is Band.LOW:
        return Verdict.UNCERTAIN
    if prediction.label in claim.parts - claim.near:
        return Verdict.AGREE
    label = prediction.label
    if label in claim.near or any(are_neighbors(label, part) for part in claim.parts):
        return Verdict.NEIGHBORING
    return Verdict.DISAGREE
