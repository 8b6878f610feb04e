"""What the network of findings says of one film."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PROJECTIONS = ("frontal", "lateral", "oblique", "several")


@dataclass(frozen=True, slots=True, eq=False)
class FindingsAnswer:
    """Calibrated probabilities, for a film of a part the network was trained on."""

    fracture: float  # [0, 1], that the film shows one
    where: NDArray[np.float32]  # (24, 24), [0, 1], over the letterboxed square
    hardware: float  # [0, 1]: plates, screws, nails, prostheses
    projection: NDArray[np.float32]  # (4,), as `PROJECTIONS`, adds up to 1

    @property
    def projection_name(self) -> str:
        """The likeliest of `PROJECTIONS`."""
        return PROJECTIONS[int(self.projection.argmax())]
