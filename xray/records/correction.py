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

from ..classify.prediction import Prediction
from ..classify.trust.confidence import Band
from ..errors import ImageError
from ..header.elements import careful, quiet
from ..labels import OTHERS, BodyPart
from ..reading.files import remove, unwritable
from ..text import percent
from .anatomy import NAMES, Wanted, show, wanted
from .answer import PROGRAM, code_item

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset


_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


@dataclass(frozen=True, slots=True)
class Change:
    """One element that a correction would set."""

    keyword: str
    name: str  # with its tag
    before: str  # empty: not there
    after: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What would change in one file; nothing has been written yet."""

    data: bytes  # the whole file as it was
    part: BodyPart
    changes: tuple[Change, ...]  # empty: the header says so already


def plan(
    data: bytes, prediction: Prediction, min_confidence: float | None = None
) -> Correction:
    """Compare a file's header with its picture and say what should change.

    Args:
        data: The file.
        prediction: Of its picture.
        min_confidence: As sure it has to be; None: so sure that it is green.

    Raises:
        ImageError: No DICOM file, one that is signed or names a part for each frame,
            a picture rejected or less sure than it has to be, or no code for its part.
    """
    _require_confidence(prediction, min_confidence)
    return plan_part(data, prediction.part)


def plan_part(data: bytes, part: BodyPart) -> Correction:
    """Compare a file's header with what a person says that its picture shows.

    Raises:
        ImageError: No DICOM file, one that is signed or names a part for each frame,
            or no code for the part.
    """
    if part.id == OTHERS:
        raise ImageError("no_code")
    dataset = read_whole(data)
    if not any(keyword in dataset for keyword in _PIXELS):
        # Lost on the way to them: the copy would be without its picture.
        raise ImageError("damaged", kind="DICOM")
    item = code_item(part)
    with careful():
        names_frames = _has_anatomy_by_frame(dataset)
        # PS3.15 C: it vouches for what would be changed, UID and all.
        is_signed = bool(dataset.get("DigitalSignaturesSequence"))
        values = wanted(dataset, part, item)
        before = {keyword: show(dataset, keyword) for keyword in values}
    if names_frames:
        raise ImageError("frame_anatomy")
    if is_signed:
        raise ImageError("signed")
    return Correction(data, part, _changes(before, values))


def write(correction: Correction, path: Path, now: datetime | None = None) -> str:
    """Write the corrected copy; pixel data stay as they are, byte by byte.

    Returns:
        The copy's SOP Instance UID (0008,0018).

    Raises:
        ImageError: `path` exists or can't be written.
    """
    dataset = apply(correction, now)
    with careful():  # what was not read so far is written as it was
        encoded = encode(dataset)
    _write_new(encoded, path)
    return str(dataset.SOPInstanceUID)


@quiet()
def apply(
    correction: Correction, now: datetime | None = None, uid: str | None = None
) -> "FileDataset":
    """Make the corrected copy, not yet written; without a UID it gets a new one.

    Raises:
        ImageError: The file is damaged.
    """
    from pydicom.uid import generate_uid

    dataset = read_whole(correction.data)
    changed = [change.keyword for change in correction.changes]
    item = code_item(correction.part)
    with careful():
        values = wanted(dataset, correction.part, item)
        replaced = _replaced(dataset, changed)
        earlier = list(dataset.get("OriginalAttributesSequence") or ())
    original = _original(replaced, now or datetime.now(UTC))
    dataset.OriginalAttributesSequence = [*earlier, original]
    for keyword in changed:
        if values[keyword] is None:
            del dataset[keyword]
        else:
            # A part without a defined term leaves the element empty (type 2 in CR).
            setattr(dataset, keyword, values[keyword])
    dataset.SOPInstanceUID = uid or generate_uid()
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return dataset


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

    from ..header.mend import mend
    from ..reading.dicom.file import looks_like_dicom

    if not looks_like_dicom(data):
        raise ImageError("needs_dicom")
    with careful():
        dataset = dcmread(io.BytesIO(mend(data)), force=True)
        is_said = "TransferSyntaxUID" in [each.keyword for each in dataset.file_meta]
    implicit, little = dataset.original_encoding
    if not is_said:
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
    _write_new(encode(dataset), path)


@quiet()
def encode(dataset: "Dataset") -> bytes:
    """Write a dataset as the bytes of a DICOM file."""
    encoded = io.BytesIO()
    dataset.save_as(encoded, enforce_file_format=True)
    return encoded.getvalue()


def _write_new(encoded: bytes, path: Path) -> None:
    """Write a file where none is yet.

    Raises:
        ImageError: The path exists or can't be written.
    """
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


def _require_confidence(prediction: Prediction, least: float | None) -> None:
    if prediction.rejected is not None:
        raise ImageError(prediction.rejected)
    if prediction.label == OTHERS:
        raise ImageError("no_code")
    if least is None:
        is_sure = prediction.band is Band.HIGH
        expected = f"> {100 * prediction.high_above:g} %"
    else:
        is_sure = prediction.confidence >= least
        expected = f"≥ {100 * least:g} %"
    if not is_sure:
        raise ImageError(
            "too_unsure",
            expected=expected,
            received=percent(prediction.confidence, 1),
            part=prediction.part.english,
        )


def _has_anatomy_by_frame(dataset: "Dataset") -> bool:
    """Whether a file says the part frame by frame too (PS3.3 C.7.6.16.2.8).

    One frame's picture corrects no other's, and a file must not name two parts.
    """
    return any(
        "FrameAnatomySequence" in item
        for groups in (
            "SharedFunctionalGroupsSequence",
            "PerFrameFunctionalGroupsSequence",
        )
        for item in dataset.get(groups) or ()
    )


def _replaced(dataset: "Dataset", changed: list[str]) -> "Dataset":
    """Copy the values about to be replaced."""
    from pydicom import Dataset

    copy = Dataset()
    for keyword in (*changed, "SOPInstanceUID"):
        if keyword in dataset:
            copy[keyword] = deepcopy(dataset[keyword])
    return copy


def _original(replaced: "Dataset", now: datetime) -> "Dataset":
    """Say who replaces values and when."""
    from pydicom import Dataset

    item = Dataset()
    item.SourceOfPreviousValues = ""
    item.AttributeModificationDateTime = now.strftime("%Y%m%d%H%M%S%z")
    item.ModifyingSystem = PROGRAM
    item.ReasonForTheAttributeModification = "CORRECT"
    item.ModifiedAttributesSequence = [replaced]
    return item


@quiet()
def _changes(before: dict[str, str], values: "Wanted") -> tuple[Change, ...]:
    from pydicom import Dataset

    changes = []
    for keyword, value in values.items():
        after = Dataset()
        if value is not None:
            setattr(after, keyword, value)
        lines = before[keyword], show(after, keyword)
        if lines[0] != lines[1]:
            changes.append(Change(keyword, NAMES[keyword], *lines))
    return tuple(changes)
