"""What a prediction is called in DICOM: its term and its SNOMED CT code.

One form for JSON, CSV and the audit's rows, and one as a DICOM sequence item.
"""

from typing import TYPE_CHECKING

from ..labels import BodyPart

if TYPE_CHECKING:
    from pydicom import Dataset

SCHEME = "SCT"  # Coding Scheme Designator (0008,0102) of SNOMED CT, PS3.16 8


def coded(part: BodyPart) -> dict[str, str | None]:
    """Name a part as exports do; None where the standard has no such name.

    >>> coded(BODY_PARTS[9])
    {'dicom_term': 'HAND', 'snomed_code': '85562004', 'snomed_meaning': 'Hand'}
    """
    return {
        "dicom_term": part.dicom_term or None,
        "snomed_code": part.snomed_code or None,
        "snomed_meaning": part.snomed_meaning or None,
    }


def code_item(part: BodyPart) -> "Dataset":
    """Write a part's code as an item of Anatomic Region Sequence (0008,2218).

    Raises:
        ValueError: The part has no code.
    """
    from pydicom import Dataset

    if not part.snomed_code:
        raise ValueError(f"Expected a part with a code. Received: {part.english}")
    item = Dataset()
    item.CodeValue = part.snomed_code
    item.CodingSchemeDesignator = SCHEME
    item.CodeMeaning = part.snomed_meaning
    return item
