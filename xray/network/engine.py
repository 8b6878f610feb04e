"""What an engine is: it runs the trunk, and the tail does the rest.

An engine turns letterboxed squares into the explained layer's activations and the
pooled features. All engines give the same numbers up to rounding.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class TrunkOutput:
    """What one pass through the trunk gives for N pictures."""

    features: NDArray[np.float32]  # (N, 1920), pooled: the head decides from them
    activations: NDArray[np.float32] | None  # (N, 8, 8, 1856), where asked for


class Engine(Protocol):
    """Runs the network up to its head; several threads may call at once."""

    name: str

    def forward(
        self,
        squares: NDArray[np.float32],
        busy: bool = False,
        maps: bool = True,
    ) -> TrunkOutput:
        """Run everything but the head, for an engine of the explained layer.

        Activations of the explained layer are handed out where maps are wanted.
        """
        ...

    def activations(
        self, squares: NDArray[np.float32], busy: bool = False
    ) -> NDArray[np.float32]:
        """Run the trunk.

        Args:
            squares: (N, 256, 256), [-1, 1].
            busy: Many threads call at once: serve the most pictures a second,
                not the first one soonest.

        Returns:
            (N, 8, 8, 1856), what the explained layer puts out.
        """
        ...
