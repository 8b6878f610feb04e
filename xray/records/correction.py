"""Set the body part of a DICOM file by what its picture shows, in a new copy.

Never silently: `plan` says what would change, `write` makes the copy. The old
values go to Original Attributes Sequence (0400,0561), PS3.3 C.12.1.1.9.
"""

import io
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..classify.prediction import Prediction
from ..classify.trust.confidence import HIGH_ABOVE
from ..errors import ImageError
from ..header.elements import careful
from ..labels import OTHERS, BodyPart
from ..reading.files import remove, unwritable
from ..text import percent
from .answer import code_item

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset

MIN_CONFIDENCE = HIGH_ABOVE
SYSTEM = f"xray {__version__}"

_BODY_PART = "BodyPartExamined"
_REGION = "AnatomicRegionSequence"


@dataclass(frozen=True, slots=True)
class Change:
    """One element that a correction would set."""

    name: str  # with its tag
    before: str  # empty: not there
    after: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What would change in one file; nothing has been written yet."""

    data: bytes  # the whole file as it was
    part: BodyPart
    changes: tuple[Change, ...]  # empty: the header says so already


@careful()
def plan(
    data: bytes, prediction: Prediction, min_confidence: float = MIN_CONFIDENCE
) -> Correction:
    """Compare a file's header with its picture and say what should change.

    Args:
        data: The whole DICOM file.
        prediction: What the picture shows.
        min_confidence: Below it nothing is corrected, [0, 1].

    Raises:
        ImageError: No DICOM file, one that names a part for each frame, a picture
            rejected or too unsure, or no code for its part.
    """
    _require_confidence(prediction, min_confidence)
    dataset = read_whole(data)
    _require_one_anatomy(dataset)
    part = prediction.part
    wanted = (
        ("Body Part Examined (0018,0015)", _term(dataset), part.dicom_term),
        (
            "Anatomic Region Sequence (0008,2218)",
            _codes(dataset),
            f"{part.snomed_code} SCT {part.snomed_meaning}",
        ),
    )
    changes = tuple(Change(*row) for row in wanted if row[1] != row[2])
    return Correction(data, part, changes)


@careful()
def write(correction: Correction, path: Path, now: datetime | None = None) -> str:
    """Write the corrected copy; pixel data stay as they are, byte by byte.

    Args:
        correction: As planned.
        path: Of the new file; must not exist.
        now: When the change is made; None is this moment.

    Returns:
        The copy's SOP Instance UID (0008,0018).

    Raises:
        ImageError: `path` exists or can't be written.
    """
    dataset = apply(correction, now)
    save_new(dataset, path)
    return str(dataset.SOPInstanceUID)


@careful()
def apply(
    correction: Correction, now: datetime | None = None, uid: str | None = None
) -> "FileDataset":
    """Make the corrected copy, not yet written.

    Args:
        correction: As planned.
        now: When the change is made; None is this moment.
        uid: SOP Instance UID of the copy; None makes a new one.
    """
    from pydicom.uid import generate_uid

    dataset = read_whole(correction.data)
    part = correction.part
    original = _original(dataset, now or datetime.now(UTC))
    dataset.OriginalAttributesSequence = [
        *dataset.get("OriginalAttributesSequence", ()),
        original,
    ]
    # A part without a defined term leaves the element empty (type 2 in CR).
    dataset.BodyPartExamined = part.dicom_term
    dataset.AnatomicRegionSequence = [code_item(part)]
    dataset.SOPInstanceUID = uid or generate_uid()
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


@careful()
def read_whole(data: bytes) -> "FileDataset":
    """Read a DICOM file with its pixel data, to be written again or referred to.

    Raises:
        ImageError: The bytes are no DICOM file, or damaged.
    """
    from pydicom import dcmread
    from pydicom.uid import (
        ExplicitVRBigEndian,
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
    )

    from ..reading.dicom.file import looks_like_dicom

    if not looks_like_dicom(data):
        raise ImageError("needs_dicom")
    dataset = dcmread(io.BytesIO(data), force=True)
    implicit, little = dataset.original_encoding
    if "TransferSyntaxUID" not in dataset.file_meta:
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        dataset.file_meta.TransferSyntaxUID = (
            ImplicitVRLittleEndian if implicit else explicit
        )
    return dataset


def require_new(*paths: Path | None) -> None:
    """Make sure that nothing is written before every path is known to be free.

    Raises:
        ImageError: A path exists.
    """
    for path in paths:
        if path is not None and path.exists():
            raise ImageError("file_exists", path=path)


def save_new(dataset: "Dataset", path: Path) -> None:
    """Write a DICOM file where none is yet.

    Raises:
        ImageError: The path exists or can't be written.
    """
    encoded = encode(dataset)
    try:
        file = path.open("xb")
    except FileExistsError as error:
        raise ImageError("file_exists", path=path) from error
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        with file:
            file.write(encoded)
    except OSError as error:
        remove(path)  # half a file would pass for a whole one
        raise unwritable(path, error) from error


@careful()
def encode(dataset: "Dataset") -> bytes:
    """Write a DICOM file to memory."""
    encoded = io.BytesIO()
    dataset.save_as(encoded, enforce_file_format=True)
    return encoded.getvalue()


def _require_confidence(prediction: Prediction, least: float) -> None:
    if prediction.rejected is not None:
        raise ImageError(prediction.rejected)
    if prediction.label == OTHERS:
        raise ImageError("no_code")
    if prediction.confidence < least:
        raise ImageError(
            "too_unsure",
            expected=percent(least, 1),
            received=percent(prediction.confidence, 1),
            part=prediction.part.english,
        )


def _require_one_anatomy(dataset: "Dataset") -> None:
    """Refuse what says the part frame by frame too (PS3.3 C.7.6.16.2.8).

    One frame's picture corrects no other's, and a file must not name two parts.
    """
    for groups in (
        "SharedFunctionalGroupsSequence",
        "PerFrameFunctionalGroupsSequence",
    ):
        if any("FrameAnatomySequence" in item for item in dataset.get(groups) or ()):
            raise ImageError("frame_anatomy")


def _original(dataset: "Dataset", now: datetime) -> "Dataset":
    """Keep the values about to be replaced, and say who replaces them and when."""
    from pydicom import Dataset

    modified = Dataset()
    for keyword in (_BODY_PART, _REGION, "SOPInstanceUID"):
        if keyword in dataset:
            modified[keyword] = deepcopy(dataset[keyword])
    item = Dataset()
    item.SourceOfPreviousValues = ""
    item.AttributeModificationDateTime = now.strftime("%Y%m%d%H%M%S%z")
    item.ModifyingSystem = SYSTEM
    item.ReasonForTheAttributeModification = "CORRECT"
    item.ModifiedAttributesSequence = [modified]
    return item


def _term(dataset: "Dataset") -> str:
    return str(dataset.get(_BODY_PART) or "")


def _codes(dataset: "Dataset") -> str:
    return ", ".join(
        " ".join(
            str(item.get(key, ""))
            for key in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
        )
        for item in dataset.get(_REGION) or ()
    )
