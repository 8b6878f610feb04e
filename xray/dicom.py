"""DICOM bytes to a gray picture, its facts and what its header claims.

Only the tags listed here are read, and the pixels stay where they are until
the header has been checked.
"""

import io
import zlib
from dataclasses import dataclass, replace

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

from .elements import BROKEN, code_string, drop_malformed
from .errors import ImageError, UnsupportedImageError
from .header import HeaderClaim, read_claim
from .layout import read_layout
from .limits import LIMITS
from .lookup import to_samples
from .modality import KNOWN, PLAIN
from .radiograph import Facts, Notice
from .samples import Decoded
from .stored import DECODERS, PixelElement, read_compressed, read_native
from .synonyms import keep_known

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
_DICOMDIR = "1.2.840.10008.1.3.10"
_UNDEFINED = 0xFFFFFFFF
# First element of a file without a preamble: groups 0002 or 0008, either order.
_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00", b"\x00\x08")


@dataclass(frozen=True, slots=True)
class _File:
    dataset: Dataset
    syntax: UID
    pixels: PixelElement | None


class _Header(io.BytesIO):
    """A file's bytes, of which a header may only read so many pieces.

    pydicom parses sequences of undefined length even where they are skipped: a
    few megabytes of empty items would keep it busy for minutes.
    """

    left = 2 * LIMITS.header_elements  # a tag and a value each

    def read(self, size: int | None = -1, /) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError("expected a header that ends")
        return super().read(size)


def looks_like_dicom(data: bytes) -> bool:
    """Say whether bytes begin as a DICOM file does, with or without preamble."""
    return data[128:132] == b"DICM" or data.startswith(_FIRST_GROUPS)


def decode_dicom(data: bytes, frame: int | None = None) -> Decoded:
    """Decode one frame of a DICOM file through the grayscale pipeline.

    Args:
        data: The whole file.
        frame: Which frame, from 0; None is the middle one.

    Raises:
        UnsupportedImageError: The bytes are no DICOM file.
        ImageError: The file has no pixels, is damaged or over a limit.
    """
    if not looks_like_dicom(data):
        raise UnsupportedImageError("unsupported")
    try:
        file = _parse(data)
        drop_malformed(file.dataset)
    except RecursionError as error:
        raise ImageError("too_nested") from error
    except BROKEN as error:
        raise ImageError("damaged", kind="DICOM") from error
    if file.pixels is None:
        raise _without_pixels(file.dataset)
    layout = read_layout(file.dataset, file.pixels.keyword != "PixelData")
    index = _choose_frame(layout.frames, frame)
    if file.syntax not in DECODERS:
        raise ImageError("transfer_syntax", received=_name(file.syntax))
    photometric = layout.photometric
    compressed = file.syntax.is_encapsulated
    if compressed:
        stored, photometric = read_compressed(file.pixels, layout, index, file.syntax)
    elif file.pixels.length is None:
        raise ImageError("damaged", kind="DICOM")
    else:
        stored = read_native(file.pixels, layout, index)
    samples, notices = to_samples(
        file.dataset, stored, layout, photometric, masked=not compressed
    )
    modality = code_string(file.dataset, "Modality")
    facts = Facts(
        kind="DICOM",
        bytes=len(data),
        width=layout.columns,
        height=layout.rows,
        photometric=layout.photometric,
        modality=modality if modality in KNOWN else None,
        bits_stored=layout.stored,
        transfer_syntax=_name(file.syntax),
        frame=index,
        frames=layout.frames,
    )
    warnings = _notices(file.dataset, facts, asked=frame is not None)
    return Decoded(samples, facts, _claim(file.dataset), warnings + notices)


def _parse(data: bytes) -> _File:
    """Read the tags needed and find the pixels, without reading them."""
    stream = _Header(data)
    stream.seek(132 if data[128:132] == b"DICM" else 0)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, *_: tag >> 16 != 2)
    syntax = UID(str(meta.get("TransferSyntaxUID") or ""))
    if syntax == DeflatedExplicitVRLittleEndian:
        stream = _Header(_inflate(data[stream.tell() :]))
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
        return _File(dataset, syntax, None)
    tag, vr, length, offset = found[-1]
    pixels = PixelElement(
        data=stream.getvalue(),
        offset=offset,
        length=None if length == _UNDEFINED else length,
        keyword=_PIXEL_DATA[tag],
        vr=vr,
        big_endian=syntax == ExplicitVRBigEndian,
    )
    return _File(dataset, syntax, pixels)


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


def _without_pixels(dataset: Dataset) -> ImageError:
    if dataset.get("SOPClassUID") == _DICOMDIR:
        return ImageError("dicomdir")
    return ImageError("no_pixels")


def _choose_frame(frames: int, frame: int | None) -> int:
    if frames < 1:
        raise ImageError(
            "bad_tag",
            expected="≥ 1",
            tag="Number of Frames (0028,0008)",
            received=f"{frames:,}",
        )
    index = frames // 2 if frame is None else frame
    if not 0 <= index < frames:
        raise ImageError("no_frame", frames=f"{frames:,}", received=f"{index + 1:,}")
    return index


def _notices(dataset: Dataset, facts: Facts, asked: bool) -> tuple[Notice, ...]:
    notices = []
    if facts.modality is not None and facts.modality not in PLAIN:
        notices.append(Notice("not_radiograph", {"modality": facts.modality}))
    if code_string(dataset, "BurnedInAnnotation") == "YES":
        notices.append(Notice("burned_in"))
    if facts.frames > 1 and not asked:
        notices.append(
            Notice("middle_frame", {"frame": facts.frame + 1, "frames": facts.frames})
        )
    return tuple(notices)


def _claim(dataset: Dataset) -> HeaderClaim:
    claim = read_claim(dataset)
    # What is in no table is free text, and stays unsaid.
    return replace(claim, term=keep_known(claim.term or "") or None)


def _name(syntax: UID) -> str:
    # An unknown UID is free text, and stays unsaid.
    return syntax.name if syntax in DECODERS or syntax.is_transfer_syntax else "?"
