"""Where a DICOM file comes from: station, manufacturer, month, and its claim.

For the audit, which groups its figures by them. The header is read up to the
pixels and no further; nothing in here names a patient.
"""

import re
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian

from ..header.bounded import Budget, HeaderBytes
from ..header.claim import HeaderClaim, read_claim
from ..header.elements import BROKEN, drop_unbounded, quiet
from ..header.mend import mend
from ..reading.dicom.file import TAGS, looks_like_dicom
from ..reading.dicom.modality import KNOWN

_HEAD = 4096  # bytes that hold the file meta information
_PIXELS = 0x7FE00000  # group of the pixel data
_DATES = ("StudyDate", "AcquisitionDate", "ContentDate")
_TAGS: list[BaseTag | int] = [
    *TAGS,
    0x00080018,  # SOP Instance UID
    0x00080020,  # Study Date
    0x00080022,  # Acquisition Date
    0x00080023,  # Content Date
    0x00080070,  # Manufacturer
    0x00081010,  # Station Name
]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a header says about where its radiograph was made; empty: nothing."""

    dicom: bool = False
    claim: HeaderClaim | None = None
    uid: str = ""  # SOP Instance UID (0008,0018)
    modality: str = ""  # a value the standard knows
    manufacturer: str = ""
    station: str = ""
    month: str = ""  # "YYYY-MM"


@quiet()
def read_origin(data: bytes) -> Origin:
    """Read a file's origin; one without any where the file can't be read."""
    head = data[:_HEAD]
    if not looks_like_dicom(head):
        return Origin()
    if str(DeflatedExplicitVRLittleEndian).encode() in head:
        # Not inflated a second time: the reader has its limits for that.
        return Origin(dicom=True)
    budget = Budget()
    try:
        dataset = read_partial(
            HeaderBytes(mend(data), budget),
            lambda tag, *_: tag >= _PIXELS,
            force=True,
            specific_tags=_TAGS,
        )
        drop_unbounded(dataset, budget)
    except BROKEN:
        return Origin(dicom=True)
    modality = _text(dataset, "Modality")
    return Origin(
        dicom=True,
        claim=read_claim(dataset),
        uid=_text(dataset, "SOPInstanceUID"),
        modality=modality if modality in KNOWN else "",
        manufacturer=_text(dataset, "Manufacturer"),
        station=_text(dataset, "StationName"),
        month=_month(dataset),
    )


def _text(dataset: Dataset, keyword: str) -> str:
    try:
        value = dataset.get(keyword)
    except BROKEN:
        return ""
    return " ".join(str(value).split())[:64] if value else ""


def _month(dataset: Dataset) -> str:
    for keyword in _DATES:
        date = re.match(r"(\d{4})\.?(\d{2})", _text(dataset, keyword))
        if date and 1 <= int(date[2]) <= 12:
            return f"{date[1]}-{date[2]}"
    return ""
