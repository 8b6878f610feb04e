"""Header against picture: two independent readings, and what they say together."""

from ..header.claim import HeaderClaim
from ..header.projection import ProjectionClaim
from ..header.view_table import OBLIQUE, OTHER, SEVERAL
from ..labels import Language, are_neighbors
from .prediction import Prediction
from .trust.confidence import Band, Shown, band


class Verdict(Shown):
    """How the header's claim and the picture's reading compare."""

    AGREE = "agree", "header agrees", "la cabecera coincide", "green", "✓"
    NEIGHBORING = (
        "neighboring",
        "header names a neighboring part",
        "la cabecera nombra una parte vecina",
        "orange",
        "≈",
    )
    DISAGREE = "disagree", "header disagrees", "la cabecera no coincide", "red", "≠"
    MISSING = (
        "missing",
        "header names no part",
        "la cabecera no nombra la parte",
        "gray",
        "∅",
    )
    NOT_UNDERSTOOD = (
        "not_understood",
        "header not understood",
        "cabecera no comprendida",
        "gray",
        "?",
    )
    UNCERTAIN = "uncertain", "picture uncertain", "imagen dudosa", "gray", "!"

    def word_of_projection(self, language: Language = "en") -> str:
        """Say the verdict on the projection in a language of the app."""
        english, spanish = _OF_PROJECTION[self]
        return spanish if language == "es" else english


_OF_PROJECTION = {
    Verdict.AGREE: ("projection agrees", "la proyección coincide"),
    Verdict.NEIGHBORING: ("projection differs a little", "la proyección difiere algo"),
    Verdict.DISAGREE: ("projection disagrees", "la proyección no coincide"),
    Verdict.MISSING: ("header names no projection", "la cabecera no da proyección"),
    Verdict.NOT_UNDERSTOOD: ("projection not compared", "proyección sin comparar"),
    Verdict.UNCERTAIN: ("projection uncertain", "proyección dudosa"),
}


def judge(claim: HeaderClaim | None, prediction: Prediction) -> Verdict:
    """Compare what the header claims with what the picture shows.

    What the header lacks is said first, whatever the picture; then whether the
    picture can be trusted; only then are the two compared.
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


def judge_projection(
    claim: ProjectionClaim | None, seen: str, probability: float
) -> Verdict:
    """Compare the projection that the header claims with the one the picture shows.

    Only frontal against lateral disagree. Oblique lies between the two, so it is
    neighboring; a picture of several projections contradicts none; a claim that
    leaves room for others can agree, but is not compared where it doesn't.

    Args:
        claim: The header's reading; AP and PA are both frontal.
        seen: "frontal", "lateral", "oblique" or "several": the picture's reading,
            made without the header.
        probability: Of that reading, [0, 1].
    """
    if claim is None or claim.missing:
        return Verdict.MISSING
    named = claim.projections - {OTHER}
    if not named:
        return Verdict.NOT_UNDERSTOOD
    several = len(named) > 1
    if band(probability) is Band.LOW or (seen == SEVERAL and not several):
        return Verdict.UNCERTAIN
    if seen in (SEVERAL, *named):
        return Verdict.AGREE
    if OTHER in claim.projections:
        return Verdict.NOT_UNDERSTOOD
    near = several or OBLIQUE in (seen, *named)
    return Verdict.NEIGHBORING if near else Verdict.DISAGREE


def judge_findings(claim: HeaderClaim | None, prediction: Prediction) -> Verdict | None:
    """Judge the projection; None where no header, or nobody asked for findings."""
    findings = prediction.findings
    found = None if findings is None else findings.projection
    if claim is None or found is None:
        return None
    return judge_projection(claim.projection, found.name, found.probability)
