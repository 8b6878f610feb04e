"""The elements of a header that are read as text, and how."""

from collections.abc import Iterable, Iterator, MutableSequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

BODY_PART_EXAMINED = 0x00180015
OF_SERIES = (
    0x0008103E,  # Series Description
    0x00181030,  # Protocol Name
)
OF_STUDY = (
    0x00081032,  # Procedure Code Sequence
    0x00400254,  # Performed Procedure Step Description
    0x00321060,  # Requested Procedure Description
    0x00081030,  # Study Description
)
HINTS = (*OF_SERIES, *OF_STUDY)  # what somebody typed or chose: weak claims
WORDED = (BODY_PART_EXAMINED, *HINTS)  # where views and sides are named as well
CODE_MEANING = 0x00080104

_CODE_VALUES = (0x00080100, 0x00080119, 0x00080120)  # short, long, URN
_CODING_SCHEME = 0x00080102
_MOST_ITEMS = 32  # of a sequence that are looked at; the standard wants one
# Values written because a form had to be filled in: they claim nothing.
_PLACEHOLDERS = (
    *("UNKNOWN", "OTHER", "OTHERS", "NONE", "NA", "N/A", "NULL", "UNDEFINED"),
    *("UNSPECIFIED", "DEFAULT", "MISC"),
)


def texts_of(dataset: "Dataset", tags: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Read descriptions, in the order of their tags: the tag, and a text of it."""
    return ((tag, each) for tag in tags for each in hint_texts(dataset, tag))


def hint_texts(dataset: "Dataset", tag: int) -> list[str]:
    """Read the text of a description, or the meanings of a code sequence."""
    found = items(dataset, tag)
    return [text(item, CODE_MEANING) for item in found] or [text(dataset, tag)]


def items(dataset: "Dataset", tag: int) -> "list[Dataset]":
    """Read the first items of a sequence; empty where there is none."""
    from .elements import BROKEN  # and pydicom, which no reader of claims needs

    try:
        element = dataset.get(tag)
        if element is None or element.VR != "SQ":
            return []
        return list(element.value[:_MOST_ITEMS])
    except BROKEN:
        return []


def code(item: "Dataset") -> tuple[str, str, str]:
    """Read a code item: value, coding scheme, meaning."""
    value = next(filter(None, (text(item, key) for key in _CODE_VALUES)), "")
    return value, text(item, _CODING_SCHEME), text(item, CODE_MEANING)


def value(dataset: "Dataset", tag: int) -> str:
    """Read a coded string; the empty string where it claims nothing."""
    found = text(dataset, tag)
    return "" if found.upper() in _PLACEHOLDERS else found


def text(dataset: "Dataset", tag: int) -> str:
    """Read an element as text; the empty string where there is none."""
    from .charset import declared, encodings, read_text
    from .elements import BROKEN

    try:
        value = getattr(dataset.get_item(tag), "value", None)
        if isinstance(value, bytes):
            value = read_text(value, encodings(declared(dataset))[0])
    except BROKEN:
        return ""
    if isinstance(value, MutableSequence):
        value = " ".join(map(str, value))
    return value.replace("\\", " ").strip(" \0") if isinstance(value, str) else ""


def show(tag: int) -> str:
    """Write a tag as "(gggg,eeee)"."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
