"""The part of a DICOM file that is read: the tags needed, and where pixels lie.

Only the tags listed here are read, and the pixels stay where they are until
the header has been checked.
"""

import io
import zlib
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

from ..errors import ImageError
from ..header.elements import BROKEN, drop_malformed
from ..limits import LIMITS
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
]
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


def looks_like_dicom(data: bytes) -> bool:
    """Say whether bytes begin as a DICOM file does, with or without preamble."""
    return data[128:132] == b"DICM" or data.startswith(_FIRST_GROUPS)


def parse(data: bytes) -> DicomFile:
    """Read the tags needed and find the pixels, without reading them.

    Args:
        data: The whole file.

    Raises:
        ImageError: The file is damaged, or its header over a limit.
    """
    try:
        file = _parse(data)
        drop_malformed(file.dataset)
    except RecursionError as error:
        raise ImageError("too_nested") from error
    except BROKEN as error:
        raise ImageError("damaged", kind="DICOM") from error
    return file


class _Bounded(io.IOBase):
    """A stream of which a header may only read so many pieces.

    pydicom parses sequences of undefined length even where they are skipped: a
    few megabytes of empty items would keep it busy for minutes.
    """

    left = 2 * LIMITS.header_elements  # a tag and a value each

    def read(self, size: int | None = -1, /) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError("expected a header that ends")
        piece: bytes = super().read(size)
        return piece


class HeaderBytes(_Bounded, io.BytesIO):
    """A whole file in memory, to read a header of bounded length from."""


class HeaderFile(_Bounded, io.FileIO):
    """A file on disk, to read a header of bounded length from."""


def _parse(data: bytes) -> DicomFile:
    stream = HeaderBytes(data)
    stream.seek(132 if data[128:132] == b"DICM" else 0)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, *_: tag >> 16 != 2)
    syntax = UID(str(meta.get("TransferSyntaxUID") or ""))
    if syntax == DeflatedExplicitVRLittleEndian:
        stream = HeaderBytes(_inflate(data[stream.tell() :]))
    else:
        stream.seek(0)
    found: list[tuple[int, str | None, int, int]] = []

    def at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:
        if tag in _PIXEL_DATA:
            found.append((tag, vr, length, stream.tell()))
        return tag in _PIXEL_DATA

    try:
        if syntax == DeflatedExplicitVRLittleEndian:
            dataset = read_dataset(
                stream, False, True, stop_when=at_pixels, specific_tags=TAGS
            )
        else:
            dataset = read_partial(stream, at_pixels, force=True, specific_tags=TAGS)
    except BROKEN as error:
        if stream.left >= 0:
            raise
        limit = f"{LIMITS.header_elements:,}"
        raise ImageError("too_many_elements", limit=limit) from error
    if not syntax:
        syntax = _guess_syntax(dataset)
    if not found:
        return DicomFile(dataset, syntax, None)
    tag, vr, length, offset = found[-1]
    pixels = PixelElement(
        data=stream.getvalue(),
        offset=offset,
        length=None if length == _UNDEFINED else length,
        keyword=_PIXEL_DATA[tag],
        vr=vr,
        big_endian=syntax == ExplicitVRBigEndian,
    )
    return DicomFile(dataset, syntax, pixels)


def _inflate(packed: bytes) -> bytes:
    """Undo the deflation of PS3.5 A.5, within the limits."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data = inflater.decompress(packed, LIMITS.inflated_bytes)
    if inflater.unconsumed_tail:
        raise ImageError(
            "file_too_large",
            limit=f"{LIMITS.inflated_bytes:,} bytes",
            received=f"> {LIMITS.inflated_bytes:,} bytes",
        )
    return data


def _guess_syntax(dataset: Dataset) -> UID:
    implicit, little = dataset.original_encoding
    if implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little else ExplicitVRBigEndian
