"""DICOM instances on their way into the queue, however they came."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

from ..errors import ImageError
from ..header.bounded import Budget, HeaderBytes, HeaderFile
from ..header.elements import BROKEN, quiet
from ..records.structured_report import HEATMAP_SERIES, MANUFACTURER
from .folder import Spool
from .item import Added, New

KIND = "dicom"

_PREAMBLE = 132  # bytes, "DICM" at their end
_INFLATED = 2**24  # bytes of a deflated header that are looked at
_PIXELS = 0x7FE00000  # group of the pixel data
_NEEDED: dict[int, str] = {
    0x00080016: "SOP Class UID (0008,0016)",
    0x00080018: "SOP Instance UID (0008,0018)",
    0x0020000D: "Study Instance UID (0020,000D)",
    0x0020000E: "Series Instance UID (0020,000E)",
}
_MAKER = 0x00080070  # Manufacturer
_SERIES_NUMBER = 0x00200011
_UID = re.compile(r"[0-9.]{1,64}")


@dataclass(frozen=True, slots=True)
class Identity:
    """What an instance says it is; nothing of a patient."""

    sop_class: str
    sop_instance: str
    study: str
    series: str
    offset: int  # bytes before the data set, which are the last sender's
    is_own: bool = False  # a heat map of ours, which somebody sends back


@quiet()
def read_identity(path: Path) -> Identity:
    """Read what an instance is, and that it has pixels, up to them and no further.

    Raises:
        ImageError: It is no DICOM file, damaged, without pixels or without a UID.
    """
    try:
        with HeaderFile(path, Budget()) as file:
            return _read(file)
    except BROKEN as error:
        raise ImageError("damaged", kind="DICOM") from error


def put_instance(
    spool: Spool, path: Path, source: Mapping[str, str], identity: Identity
) -> Added:
    """Put an instance into the queue; on return it is there for good.

    The same data set is there once, whether it came by C-STORE or by STOW. The path
    is on the spool's file system; the file stays where it is.

    Raises:
        SpoolFullError: The disk is full.
    """
    staged = spool.store.adopt(path, skip=identity.offset)
    about = {
        "own": "yes" if identity.is_own else "",
        "sop_class": identity.sop_class,
        "study": identity.study,
        "series": identity.series,
    }
    key = identity.sop_instance
    return spool.items.add(New(staged, KIND, key=key, source={**source, **about}))


def _read(file: HeaderFile) -> Identity:
    if file.read(_PREAMBLE)[128:] != b"DICM":
        raise ImageError("needs_dicom")
    meta = read_dataset(file, False, True, stop_when=lambda tag, *_: tag >> 16 != 2)
    offset, syntax = file.tell(), str(meta.get("TransferSyntaxUID", ""))
    stream: HeaderFile | HeaderBytes = file
    if syntax == DeflatedExplicitVRLittleEndian:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        stream = HeaderBytes(inflater.decompress(file.read(), _INFLATED), Budget())
    pixels = False

    def at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:  # noqa: ARG001
        nonlocal pixels
        pixels = bool(tag >= _PIXELS)
        return pixels

    dataset = read_dataset(
        stream,
        syntax == ImplicitVRLittleEndian,
        syntax != ExplicitVRBigEndian,
        stop_when=at_pixels,
        specific_tags=[*_NEEDED, _MAKER, _SERIES_NUMBER],
    )
    if not pixels:
        raise ImageError("no_pixels")
    sop_class, sop_instance, study, series = (_uid(dataset, tag) for tag in _NEEDED)
    maker, number = (
        str(dataset[tag].value) if tag in dataset else ""
        for tag in (_MAKER, _SERIES_NUMBER)
    )
    is_own = (maker, number) == (MANUFACTURER, str(HEATMAP_SERIES))
    return Identity(sop_class, sop_instance, study, series, offset, is_own)


def _uid(dataset: Dataset, tag: int) -> str:
    value = str(dataset[tag].value) if tag in dataset else ""
    if not _UID.fullmatch(value):
        raise ImageError("needs_tag", tag=_NEEDED[tag])
    return value
