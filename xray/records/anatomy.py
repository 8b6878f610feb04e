"""What a header says of the body part, and what it should say: whole items.

PS3.3 C.7.6.2 and 10.5: a region or structure may carry modifiers, a side among them.
A side stays true when the part is corrected; what else was said of another part
does not.
"""

from copy import deepcopy
from typing import TYPE_CHECKING, TypeAlias

from ..header.charset import declared, encodings, read_text
from ..header.claim import structure_parts
from ..labels import BodyPart

if TYPE_CHECKING:
    from pydicom import Dataset, Sequence

BODY_PART = "BodyPartExamined"
REGION = "AnatomicRegionSequence"
STRUCTURE = "PrimaryAnatomicStructureSequence"
NAMES = {
    BODY_PART: "Body Part Examined (0018,0015)",
    REGION: "Anatomic Region Sequence (0008,2218)",
    STRUCTURE: "Primary Anatomic Structure Sequence (0008,2228)",
}
Wanted: TypeAlias = "dict[str, str | Sequence | None]"
_REGION_MODIFIER = "AnatomicRegionModifierSequence"
_STRUCTURE_MODIFIER = "PrimaryAnatomicStructureModifierSequence"
_CODE = ("CodeValue", "LongCodeValue", "URNCodeValue")
_SCHEME, _MEANING = "CodingSchemeDesignator", "CodeMeaning"
# CID 244 "Laterality" and 245 in SNOMED CT and RT, and what local codes mean by them.
_SIDES = frozenset(
    {"24028007", "7771000", "51440002", "66459002", "399488007"}
    | {"G-A100", "G-A101", "G-A102", "G-A103", "G-A112"}
    | {"RIGHT", "LEFT", "RIGHT AND LEFT", "BILATERAL", "UNILATERAL", "MIDLINE"}
)


def wanted(dataset: "Dataset", part: BodyPart, item: "Dataset") -> Wanted:
    """Say what each element should be, by keyword; None where it is to go.

    The item is the part's code; it gets the side that the header names.
    """
    from pydicom import Sequence

    found: Wanted = {BODY_PART: part.dicom_term}
    before = list(dataset.get(REGION) or ())
    if sides := _sides(dataset):
        setattr(item, _REGION_MODIFIER, sides)
    is_right = [each.get("CodeValue") for each in before] == [part.snomed_code]
    found[REGION] = Sequence(before if is_right else [item])
    if STRUCTURE in dataset:
        parts = structure_parts(dataset)
        contradicts = parts is not None and part.id not in parts
        found[STRUCTURE] = None if contradicts else dataset[STRUCTURE].value
    return found


def show(dataset: "Dataset", keyword: str) -> str:
    """Write an element on one line; empty where it isn't there."""
    if keyword not in dataset:
        return ""
    names, _ = encodings(declared(dataset))
    return _show(dataset, keyword, names)


def _show(dataset: "Dataset", keyword: str, names: list[str]) -> str:
    value = getattr(dataset.get_item(keyword), "value", None)
    if isinstance(value, bytes) and dataset[keyword].VR != "SQ":
        return read_text(value, names).strip(" \0")
    value = dataset[keyword].value
    if dataset[keyword].VR != "SQ":
        return "" if value is None else str(value)
    return ", ".join(_show_item(item, names) for item in value or ())


def _show_item(item: "Dataset", names: list[str]) -> str:
    """Write an item whole: its code, then everything else in brackets."""
    code = (*_CODE, _SCHEME, _MEANING)
    words = [_show(item, keyword, names) for keyword in code if keyword in item]
    rest = []
    for tag in list(item.keys()):
        element = item[tag]
        if element.keyword in code:
            continue
        shown = _show(item, element.keyword, names) if element.keyword else "…"
        is_modifier = element.keyword in (_REGION_MODIFIER, _STRUCTURE_MODIFIER)
        rest.append(shown if is_modifier else f"{element.name}: {shown}")
    return " ".join(filter(None, words)) + (f" [{'; '.join(rest)}]" if rest else "")


def _sides(dataset: "Dataset") -> "list[Dataset]":
    """Find the side that the old items name, region before structure."""
    for keyword, modifier in (
        (REGION, _REGION_MODIFIER),
        (STRUCTURE, _STRUCTURE_MODIFIER),
    ):
        for item in dataset.get(keyword) or ():
            sides = [each for each in item.get(modifier) or () if _is_side(each)]
            if sides:
                return deepcopy(sides)
    return []


def _is_side(item: "Dataset") -> bool:
    words = (str(item.get(keyword) or "") for keyword in (*_CODE, _MEANING))
    return any(word.strip().upper() in _SIDES for word in words)
