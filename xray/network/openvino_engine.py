"""The trunk on OpenVINO, shared by many threads."""

import threading

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import INPUT_SIZE
from .architecture import EXPLAINED_LAYER
from .compiled import CompiledModel
from .engine import TrunkOutput
from .weights import Weights


class OpenVinoEngine:
    """The trunk compiled for this processor, in bfloat16 where it has it."""

    name = "openvino"

    def __init__(
        self, weights: Weights, layer: str = EXPLAINED_LAYER, exact: bool = False
    ) -> None:
        """Compile.

        Args:
            weights: Of the whole network, or of its light variant.
            layer: Where the trunk ends; the light variant knows but one.
            exact: Compute in float32 whatever the processor has.
        """
        from .trunk import PACKED_GRAPH, add_pool, build_trunk, unpack_trunk

        packed = PACKED_GRAPH in weights
        if packed and layer != EXPLAINED_LAYER:
            raise ModelError(
                f"Expected {EXPLAINED_LAYER}, where the light variant ends. "
                f"Received: {layer!r}. Load the full weights."
            )
        self._model = unpack_trunk(weights) if packed else build_trunk(weights, layer)
        if layer == EXPLAINED_LAYER:
            self._model = add_pool(self._model, weights)
        self._exact = exact
        self._soon = CompiledModel(self._model, INPUT_SIZE, "LATENCY", exact)
        self._many: CompiledModel | None = None
        self._lock = threading.Lock()

    def forward(
        self,
        squares: NDArray[np.float32],
        busy: bool = False,
        maps: bool = True,
    ) -> TrunkOutput:
        """Run everything but the head: (N, 256, 256) in [-1, 1]."""
        outputs = (0, 1) if maps else (1,)
        found = self._compiled(busy).run(squares[:, None], outputs)
        return TrunkOutput(found[1], found.get(0))

    def activations(
        self, squares: NDArray[np.float32], busy: bool = False
    ) -> NDArray[np.float32]:
        """Run the trunk: (N, 256, 256) in [-1, 1] to (N, 8, 8, 1856)."""
        return self._compiled(busy).run(squares[:, None], (0,))[0]

    def _compiled(self, busy: bool) -> CompiledModel:
        return self._throughput() if busy else self._soon

    def _throughput(self) -> CompiledModel:
        # Compiled when first needed: one picture alone never pays for it.
        with self._lock:
            if self._many is None:
                self._many = CompiledModel(
                    self._model, INPUT_SIZE, "THROUGHPUT", self._exact
                )
            return self._many
