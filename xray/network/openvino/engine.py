"""The trunk on OpenVINO, shared by many threads."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...image import INPUT_SIZE
from ..densenet.architecture import EXPLAINED_LAYER
from ..engine import TrunkOutput
from ..weights import Weights, has_ranges, without_ranges
from .cache import digest
from .compiled import CompiledModels

if TYPE_CHECKING:
    import openvino as ov


class OpenVinoEngine:
    """The trunk compiled for this processor, in 8 bits where the weights allow it."""

    name = "openvino"

    def __init__(
        self, weights: Weights, layer: str = EXPLAINED_LAYER, exact: bool = False
    ) -> None:
        """Compile up to a layer; if exact in float32, whatever the weights allow."""
        from ..densenet.trunk import build_network, build_trunk

        if exact:
            weights = without_ranges(weights)

        def build() -> "ov.Model":
            if layer == EXPLAINED_LAYER:
                return build_network(weights).model()
            return build_trunk(weights, layer)

        # What is not in integers is faster in float32 beside them.
        exact = exact or has_ranges(weights)
        name = f"{digest(weights)} {layer}"
        self._models = CompiledModels(build, INPUT_SIZE, exact, name)
        self._models.when(busy=False)  # so that what can't be compiled is told now

    def forward(
        self,
        squares: NDArray[np.float32],
        busy: bool = False,
        maps: bool = True,
    ) -> TrunkOutput:
        """Run everything but the head: (N, 256, 256) in [-1, 1]."""
        outputs = (0, 1) if maps else (1,)
        found = self._models.when(busy).run(squares[:, None], outputs)
        return TrunkOutput(found[1], found.get(0))

    def activations(
        self, squares: NDArray[np.float32], busy: bool = False
    ) -> NDArray[np.float32]:
        """Run the trunk: (N, 256, 256) in [-1, 1] to (N, 8, 8, 1856)."""
        return self._models.when(busy).run(squares[:, None], (0,))[0]
