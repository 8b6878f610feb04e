"""Text of a header in whatever character set it was really written.

Specific Character Set (0008,0005) is often missing, empty or wrong. UTF-8 shows by
its form; what no other set reads is taken for Latin-1, which reads anything.
"""

import warnings
from collections.abc import Sequence

from pydicom import Dataset
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag
from pydicom.valuerep import TEXT_VR_DELIMS

UTF8 = "ISO_IR 192"
_TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
# Python's names of the sets that have no form of their own: one byte, any value.
_ONE_BYTE = ("iso8859", "latin", "ascii", "cp125", "tis")
_LOST = "\N{REPLACEMENT CHARACTER}"


def declared(dataset: Dataset) -> list[str]:
    """Read what a header says of its character set; empty where it says nothing."""
    value = dataset.get("SpecificCharacterSet")
    many = (
        value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    )
    found = [str(each or "").strip() for each in many]
    return found if any(found) else []


def encodings(names: Sequence[str]) -> tuple[list[str], bool]:
    """Turn defined terms into Python's encodings; also whether all are known."""
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        try:
            found = convert_encodings(list(names) or None)
        except (LookupError, ValueError):
            return ["iso8859"], False
    return found, not any("nknown encoding" in str(each.message) for each in met)


def read_text(value: bytes, names: Sequence[str]) -> str:
    """Decode a text by Python's encodings, or as it must have been meant."""
    if all(name.lower().startswith(_ONE_BYTE) for name in names) and is_utf8(value):
        return value.decode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = decode_bytes(value, list(names), TEXT_VR_DELIMS)
    if _LOST not in text:
        return text
    return value.decode("utf-8" if is_utf8(value) else "latin-1")


def is_utf8(value: bytes) -> bool:
    """Say whether bytes are UTF-8."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def raw_text(dataset: Dataset, tag: BaseTag) -> tuple[str, bytes] | None:
    """Give a text's VR and bytes while it isn't converted; None for anything else."""
    raw = dataset.get_item(tag)
    if not isinstance(raw, RawDataElement) or not isinstance(raw.value, bytes):
        return None
    vr = raw.VR
    if vr in (None, "UN") and dictionary_has_tag(tag):
        vr = dictionary_VR(tag)
    return (vr, raw.value) if vr in _TEXT_VRS else None
