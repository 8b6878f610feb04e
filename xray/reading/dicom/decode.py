"""DICOM bytes to a gray picture, its facts and what its header claims."""

from dataclasses import replace

from pydicom import Dataset

from ...errors import ImageError, UnsupportedImageError
from ...header.claim import HeaderClaim, read_claim
from ...header.elements import code_string
from ...header.synonyms import keep_known
from ..radiograph import Decoded, Facts, Notice
from .file import looks_like_dicom, parse
from .frame import name_of, read_stored
from .layout import read_layout
from .lookup import shows_colors, to_samples
from .modality import KNOWN, PLAIN
from .shape import make_square

_DICOMDIR = "1.2.840.10008.1.3.10"


def decode_dicom(data: bytes) -> Decoded:
    """Decode a DICOM file, of several frames the middle one, to gray.

    Raises:
        UnsupportedImageError: The bytes are no DICOM file.
        ImageError: The file has no pixels, is damaged or over a limit.
    """
    if not looks_like_dicom(data):
        raise UnsupportedImageError("unsupported")
    file = parse(data)
    if file.pixels is None:
        raise _without_pixels(data, file.dataset)
    layout = read_layout(file.dataset, file.pixels.keyword != "PixelData")
    index = layout.frames // 2
    stored, decoded, contradictions = read_stored(
        file.pixels, layout, index, file.syntax
    )
    header = file.header_of(index)
    samples, notices = to_samples(header, stored, decoded)
    samples, stretching = make_square(header, samples)
    modality = code_string(file.dataset, "Modality")
    facts = Facts(
        kind="DICOM",
        bytes=len(data),
        width=samples.shape[1],
        height=samples.shape[0],
        photometric=layout.photometric,
        modality=modality if modality in KNOWN else None,
        bits_stored=layout.stored,
        transfer_syntax=name_of(file.syntax),
        frame=index,
        frames=layout.frames,
        colored=shows_colors(stored, decoded),
    )
    notices = contradictions + notices + stretching
    warnings = _notices(file.dataset, facts)
    return Decoded(samples, facts, _claim(header), warnings + notices)


def _without_pixels(data: bytes, dataset: Dataset) -> ImageError:
    if not dataset:
        # Not one known element: text that begins as a header would, or its stump.
        has_preamble = data[128:132] == b"DICM"
        return (
            ImageError("damaged", kind="DICOM")
            if has_preamble
            else UnsupportedImageError("unsupported")
        )
    if dataset.get("SOPClassUID") == _DICOMDIR:
        return ImageError("dicomdir")
    return ImageError("no_pixels")


def _notices(dataset: Dataset, facts: Facts) -> tuple[Notice, ...]:
    notices = []
    if facts.modality is not None and facts.modality not in PLAIN:
        notices.append(Notice("not_radiograph", {"modality": facts.modality}))
    if code_string(dataset, "BurnedInAnnotation") == "YES":
        notices.append(Notice("burned_in"))
    if facts.frames > 1:
        notices.append(
            Notice("middle_frame", {"frame": facts.frame + 1, "frames": facts.frames})
        )
    return tuple(notices)


def _claim(dataset: Dataset) -> HeaderClaim:
    claim = read_claim(dataset)
    # What is in no table is free text, and stays unsaid.
    return replace(claim, term=keep_known(claim.term or "") or None)
