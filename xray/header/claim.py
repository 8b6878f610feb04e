"""What a DICOM header itself claims about the body part.

Read in this order, the first that is understood counts: Anatomic Region
Sequence (0008,2218), Primary Anatomic Structure Sequence (0008,2228), Body Part
Examined (0018,0015); then, as weak hints, the texts of the series, protocol,
procedure and study. The picture plays no part in it, and the claim none in the
prediction.
"""

from collections.abc import MutableSequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .anatomy_codes import phrase_of_code
from .charset import declared, encodings, read_text
from .elements import BROKEN
from .synonyms import Meaning, understand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom import Dataset

_ANATOMIC_REGION = 0x00082218
_PRIMARY_STRUCTURE = 0x00082228
_BODY_PART_EXAMINED = 0x00180015
_HINTS = (
    0x0008103E,  # Series Description
    0x00181030,  # Protocol Name
    0x00081032,  # Procedure Code Sequence
    0x00400254,  # Performed Procedure Step Description
    0x00321060,  # Requested Procedure Description
    0x00081030,  # Study Description
)
_CODE_VALUES = (0x00080100, 0x00080119, 0x00080120)  # short, long, URN
_CODING_SCHEME = 0x00080102
_CODE_MEANING = 0x00080104
_MOST_ITEMS = 32  # of a sequence that are looked at; the standard wants one

# Values written because a form had to be filled in: they claim nothing.
_PLACEHOLDERS = (
    *("UNKNOWN", "OTHER", "OTHERS", "NONE", "NA", "N/A", "NULL", "UNDEFINED"),
    *("UNSPECIFIED", "DEFAULT", "MISC"),
)


@dataclass(frozen=True, slots=True)
class HeaderClaim:
    """The header's own reading of the body part, independent of the picture."""

    parts: frozenset[int] = frozenset()  # class numbers the claim may mean
    source: str | None = None  # the tag it was read from, as "(gggg,eeee)"
    term: str | None = None  # the coded or CS value; never free text
    hint: bool = False  # read from a description: a weak claim
    near: frozenset[int] = frozenset()  # those of `parts` it only touches on

    @property
    def missing(self) -> bool:
        """Whether the header says nothing about the body part."""
        return self.source is None


def read_claim(dataset: "Dataset") -> HeaderClaim:
    """Read what a header claims, in the order of how strongly it claims it.

    A term that is present but in no table gives a claim without parts; texts
    that name no part claim nothing. Damaged elements are passed over.

    Args:
        dataset: The header; pixels are not looked at.
    """
    unknown: HeaderClaim | None = None
    for tag, term, meaning in _strong_claims(dataset):
        if meaning is not None:
            return HeaderClaim(meaning.parts, _show(tag), term, near=meaning.near)
        if unknown is None:
            unknown = HeaderClaim(source=_show(tag), term=term)
    for tag in _HINTS:
        for text in _hint_texts(dataset, tag):
            meaning = understand(text)
            if meaning is not None:
                return HeaderClaim(
                    meaning.parts, _show(tag), hint=True, near=meaning.near
                )
    return unknown or HeaderClaim()


def _strong_claims(dataset: "Dataset") -> "Iterator[tuple[int, str, Meaning | None]]":
    """Yield tag, term and meaning of every coded claim, strongest first."""
    for tag in (_ANATOMIC_REGION, _PRIMARY_STRUCTURE):
        for item in _items(dataset, tag):
            code = next(filter(None, (_text(item, key) for key in _CODE_VALUES)), "")
            words = _text(item, _CODE_MEANING)
            phrase = phrase_of_code(code, _text(item, _CODING_SCHEME))
            meaning = understand(phrase if phrase is not None else words)
            if code or words:
                yield tag, words or code, meaning
    value = _text(dataset, _BODY_PART_EXAMINED)
    if value and value.upper() not in _PLACEHOLDERS:
        yield _BODY_PART_EXAMINED, value, understand(value)


def structure_parts(dataset: "Dataset") -> frozenset[int] | None:
    """Read which parts the primary structures may mean; None if not understood."""
    found = [
        meaning.parts
        for tag, _, meaning in _strong_claims(dataset)
        if tag == _PRIMARY_STRUCTURE and meaning is not None
    ]
    return frozenset().union(*found) if found else None


def _hint_texts(dataset: "Dataset", tag: int) -> list[str]:
    """The text of a description, or the meanings of a code sequence."""
    items = _items(dataset, tag)
    return [_text(item, _CODE_MEANING) for item in items] or [_text(dataset, tag)]


def _items(dataset: "Dataset", tag: int) -> "list[Dataset]":
    try:
        element = dataset.get(tag)
        if element is None or element.VR != "SQ":
            return []
        return list(element.value[:_MOST_ITEMS])
    except BROKEN:
        return []


def _text(dataset: "Dataset", tag: int) -> str:
    """Read an element as text; the empty string where there is none."""
    try:
        value = getattr(dataset.get_item(tag), "value", None)
        if isinstance(value, bytes):
            value = read_text(value, encodings(declared(dataset))[0])
    except BROKEN:
        return ""
    if isinstance(value, MutableSequence):
        value = " ".join(map(str, value))
    return value.replace("\\", " ").strip(" \0") if isinstance(value, str) else ""


def _show(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
