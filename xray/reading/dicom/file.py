"""The part of a DICOM file that is read: the tags needed, and where pixels lie.

Only the tags listed here are read, and the pixels stay where they are until
the header has been checked.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.filereader import read_dataset, read_partial
from pydicom.tag import BaseTag, Tag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from ...errors import ImageError
from ...header.bounded import Budget, HeaderBytes
from ...header.elements import BROKEN, drop_malformed
from ...header.mend import mend
from ...limits import LIMITS
from ..files import too_large
from . import shape
from .frame import GE_PRIVATE
from .functional_groups import PER_FRAME, SHARED, FunctionalGroups, take_groups
from .layout import OVERLAY_BIT_POSITIONS
from .stored import PixelElement

_CLAIM_KEYWORDS = (
    "AnatomicRegionSequence",
    "PrimaryAnatomicStructureSequence",
    "BodyPartExamined",
    "ProcedureCodeSequence",
    "SeriesDescription",
    "StudyDescription",
    "ProtocolName",
    "PerformedProcedureStepDescription",
    "RequestedProcedureDescription",
    *("ViewCodeSequence", "ViewPosition"),
    *("FrameLaterality", "ImageLaterality", "Laterality"),
)
_PIXEL_KEYWORDS = (
    "SOPClassUID",
    "Modality",
    "BurnedInAnnotation",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "WindowCenter",
    "WindowWidth",
    "RescaleIntercept",
    "RescaleSlope",
    "VOILUTFunction",
    "ModalityLUTSequence",
    "VOILUTSequence",
    "PresentationLUTShape",
    *shape.KEYWORDS,
    "PaletteColorLookupTableUID",
    "CollimatorLeftVerticalEdge",
    "CollimatorRightVerticalEdge",
    "CollimatorUpperHorizontalEdge",
    "CollimatorLowerHorizontalEdge",
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
    *(
        f"{prefix}{color}PaletteColorLookupTable{part}"
        for color in ("Red", "Green", "Blue")
        for prefix, part in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
    ),
)
TAGS: list[BaseTag | int] = [
    Tag(tag)
    for tag in map(tag_for_keyword, _CLAIM_KEYWORDS + _PIXEL_KEYWORDS)
    if tag is not None
] + [SHARED, PER_FRAME, *OVERLAY_BIT_POSITIONS]
_PIXEL_DATA = {
    0x7FE00008: "FloatPixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00010: "PixelData",
}
_UNDEFINED = 0xFFFFFFFF
# First element of a file without a preamble: groups 0002 or 0008, either order.
_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00", b"\x00\x08")


@dataclass(frozen=True, slots=True)
class DicomFile:
    """A header, and where its pixels are; None where there are none."""

    dataset: Dataset
    syntax: UID
    pixels: PixelElement | None
    groups: FunctionalGroups
    budget: Budget

    def header_of(self, frame: int) -> Dataset:
        """Put what is said of one frame, from 0, in the place of what is said of all.

        Raises:
            ImageError: The header is over a limit.
        """
        with _within(self.budget):
            return self.groups.apply(self.dataset, frame, self.budget)


def looks_like_dicom(data: bytes) -> bool:
    """Say whether bytes begin as a DICOM file does, with or without preamble."""
    return data[128:132] == b"DICM" or data.startswith(_FIRST_GROUPS)


def parse(data: bytes) -> DicomFile:
    """Read the tags needed and find the pixels, without reading them.

    Raises:
        ImageError: The file is damaged, or its header over a limit.
    """
    budget = Budget()
    with _within(budget):
        return _parse(mend(data), budget)


@contextmanager
def _within(budget: Budget) -> Iterator[None]:
    """Say of a header that can't be read whether it is damaged or too much."""
    try:
        yield
    except BROKEN as error:
        # pydicom turns what happens at the head of an item into an OSError.
        if RecursionError in (type(error), type(error.__context__)):
            raise ImageError("too_nested") from error
        if not budget.is_spent:
            raise ImageError("damaged", kind="DICOM") from error
    if budget.is_spent:
        raise ImageError("too_many_elements", limit=f"{LIMITS.header_elements:,}")


def _parse(data: bytes, budget: Budget) -> DicomFile:
    stream = HeaderBytes(data, budget)
    stream.seek(132 if data[128:132] == b"DICM" else 0)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, *_: tag >> 16 != 2)
    syntax = UID(str(meta.get("TransferSyntaxUID") or ""))
    if syntax == DeflatedExplicitVRLittleEndian:
        stream = HeaderBytes(_inflate(data[stream.tell() :]), budget)
    else:
        stream.seek(0)
    found: list[tuple[int, str | None, int, int]] = []

    def at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:
        if tag in _PIXEL_DATA:
            found.append((tag, vr, length, stream.tell()))
        return tag in _PIXEL_DATA

    if syntax == DeflatedExplicitVRLittleEndian:
        dataset = read_dataset(
            stream, False, True, stop_when=at_pixels, specific_tags=TAGS
        )
    else:
        dataset = read_partial(stream, at_pixels, force=True, specific_tags=TAGS)
    groups = take_groups(dataset)
    drop_malformed(dataset, budget)
    if not syntax:
        syntax = _guess_syntax(dataset)
    if not found:
        return DicomFile(dataset, syntax, None, groups, budget)
    tag, vr, length, offset = found[-1]
    pixels = PixelElement(
        data=stream.getvalue(),
        offset=offset,
        length=None if length == _UNDEFINED else length,
        keyword=_PIXEL_DATA[tag],
        vr=vr,
        big_endian=syntax in (ExplicitVRBigEndian, GE_PRIVATE),
    )
    return DicomFile(dataset, syntax, pixels, groups, budget)


def _inflate(packed: bytes) -> bytes:
    """Undo the deflation of PS3.5 A.5, within the limits."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data = inflater.decompress(packed, LIMITS.inflated_bytes)
    if inflater.unconsumed_tail:
        raise too_large(limit=LIMITS.inflated_bytes)
    return data


def _guess_syntax(dataset: Dataset) -> UID:
    implicit, little = dataset.original_encoding
    if implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little else ExplicitVRBigEndian
