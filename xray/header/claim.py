"""What a DICOM header itself claims about the body part.

Read in this order, the first that is understood counts: Anatomic Region
Sequence (0008,2218), Primary Anatomic Structure Sequence (0008,2228), Body Part
Examined (0018,0015); then, as weak hints, the texts of the series, protocol,
procedure and study. The picture plays no part in it, and the claim none in the
prediction.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .anatomy_codes import phrase_of_code
from .descriptions import (
    BODY_PART_EXAMINED,
    HINTS,
    code,
    items,
    show,
    texts_of,
    value,
)
from .laterality import LateralityClaim, read_laterality
from .projection import ProjectionClaim, read_projection
from .synonyms import Meaning, understand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom import Dataset

_ANATOMIC_REGION = 0x00082218
_PRIMARY_STRUCTURE = 0x00082228


@dataclass(frozen=True, slots=True)
class HeaderClaim:
    """What a header says of body part, projection and side; not what is seen."""

    parts: frozenset[int] = frozenset()  # class numbers the claim may mean
    source: str | None = None  # the tag it was read from, as "(gggg,eeee)"
    term: str | None = None  # the coded or CS value; never free text
    hint: bool = False  # read from a description: a weak claim
    near: frozenset[int] = frozenset()  # those of `parts` it only touches on
    projection: ProjectionClaim = field(default_factory=ProjectionClaim)
    laterality: LateralityClaim = field(default_factory=LateralityClaim)

    @property
    def missing(self) -> bool:
        """Whether the header says nothing about the body part."""
        return self.source is None


def read_claim(dataset: "Dataset") -> HeaderClaim:
    """Read what a header claims, in the order of how strongly it claims it.

    A term that is present but in no table gives a claim without parts; texts
    that name no part claim nothing. Damaged elements are passed over.
    """
    claim = _read_parts(dataset)
    return replace(
        claim,
        projection=read_projection(dataset, claim.parts),
        laterality=read_laterality(dataset),
    )


def _read_parts(dataset: "Dataset") -> HeaderClaim:
    unknown: HeaderClaim | None = None
    for tag, term, meaning in _strong_claims(dataset):
        if meaning is not None:
            return HeaderClaim(meaning.parts, show(tag), term, near=meaning.near)
        if unknown is None:
            unknown = HeaderClaim(source=show(tag), term=term)
    for tag, text in texts_of(dataset, HINTS):
        meaning = understand(text)
        if meaning is not None:
            return HeaderClaim(meaning.parts, show(tag), hint=True, near=meaning.near)
    return unknown or HeaderClaim()


def _strong_claims(dataset: "Dataset") -> "Iterator[tuple[int, str, Meaning | None]]":
    """Yield tag, term and meaning of every coded claim, strongest first."""
    for tag in (_ANATOMIC_REGION, _PRIMARY_STRUCTURE):
        for item in items(dataset, tag):
            number, scheme, words = code(item)
            phrase = phrase_of_code(number, scheme)
            meaning = understand(phrase if phrase is not None else words)
            if number or words:
                yield tag, words or number, meaning
    if examined := value(dataset, BODY_PART_EXAMINED):
        yield BODY_PART_EXAMINED, examined, understand(examined)


def structure_parts(dataset: "Dataset") -> frozenset[int] | None:
    """Read which parts the primary structures may mean; None if not understood."""
    found = [
        meaning.parts
        for tag, _, meaning in _strong_claims(dataset)
        if tag == _PRIMARY_STRUCTURE and meaning is not None
    ]
    return frozenset().union(*found) if found else None
