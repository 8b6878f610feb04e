"""A radiograph that was read: its gray picture and the facts worth showing.

Nothing in here identifies a patient: no name, number, date or free text.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..header.claim import HeaderClaim
from ..image import GrayImage

Samples = NDArray[np.uint8] | NDArray[np.uint16]  # (H, W), bone bright


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page may tell about a file; None where the file doesn't say."""

    kind: str  # "DICOM", "PNG" or "JPEG"
    bytes: int
    width: int  # pixels
    height: int  # pixels
    photometric: str | None = None  # Photometric Interpretation (0028,0004)
    modality: str | None = None  # Modality (0008,0060)
    bits_stored: int | None = None  # Bits Stored (0028,0101)
    transfer_syntax: str | None = None  # name of Transfer Syntax UID (0002,0010)
    frame: int = 0  # the one shown, from 0
    frames: int = 1  # Number of Frames (0028,0008)
    colored: bool = False  # shows colors, as photographs do


@dataclass(frozen=True, slots=True)
class Notice:
    """What to say beside a result: a key of `messages` and its values."""

    key: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Radiograph:
    """One radiograph, ready to classify and to show."""

    pixels: GrayImage  # (H, W) float32, [0, 1], bone bright
    facts: Facts
    claim: HeaderClaim | None = None  # None: no DICOM file
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """What decoding a file gives; 8 or 16 bits keep all that any file holds."""

    samples: Samples
    facts: Facts
    claim: HeaderClaim | None = None
    notices: tuple[Notice, ...] = ()

    def to_radiograph(self) -> Radiograph:
        """Scale the samples to [0, 1] in float32."""
        top = np.float32(np.iinfo(self.samples.dtype).max)
        pixels = np.divide(self.samples, top, dtype=np.float32)
        return Radiograph(pixels, self.facts, self.claim, self.notices)
