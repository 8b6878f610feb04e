"""A decoded picture in whole numbers, as it crosses from the decoding process."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..header.claim import HeaderClaim
from .radiograph import Facts, Notice, Radiograph

Samples = NDArray[np.uint8] | NDArray[np.uint16]  # (H, W), bone bright


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
