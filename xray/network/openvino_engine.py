"""The trunk on OpenVINO, shared by many threads."""

import queue
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import INPUT_SIZE
from ..threads import count_cores
from .architecture import EXPLAINED_LAYER
from .engine import TrunkOutput
from .weights import Weights

if TYPE_CHECKING:
    import openvino as ov

_FIRST = threading.Lock()  # held by the first run of each compiled model


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
        self._soon = _Compiled(self._model, "LATENCY", exact)
        self._many: _Compiled | None = None
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

    def _compiled(self, busy: bool) -> "_Compiled":
        return self._throughput() if busy else self._soon

    def _throughput(self) -> "_Compiled":
        # Compiled when first needed: one picture alone never pays for it.
        with self._lock:
            if self._many is None:
                self._many = _Compiled(self._model, "THROUGHPUT", self._exact)
            return self._many


class _Compiled:
    """A compiled model and its idle requests, which serve one thread each.

    All requests are made with the model, and the first of all runs alone: OpenVINO's
    Python binding initializes itself then, and two threads at it wait for each other
    for good.
    """

    def __init__(self, model: "ov.Model", hint: str, exact: bool) -> None:
        import openvino as ov

        core = ov.Core()
        # Said outright: where it may choose, OpenVINO takes float16 on arm64, and
        # this network's activations overflow that.
        known = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        precision = "bf16" if "BF16" in known and not exact else "f32"
        options = {"PERFORMANCE_HINT": hint, "INFERENCE_PRECISION_HINT": precision}
        self._compiled = core.compile_model(model, "CPU", options)
        self._idle: queue.SimpleQueue[ov.InferRequest] = queue.SimpleQueue()
        # Two more than cores, as the pipeline has threads.
        for _ in range(count_cores() + 2):
            self._idle.put(self._compiled.create_infer_request())
        with _FIRST:
            self.run(np.zeros((1, 1, INPUT_SIZE, INPUT_SIZE), np.float32), (0,))

    def run(
        self, pictures: NDArray[np.float32], outputs: Sequence[int]
    ) -> dict[int, NDArray[np.float32]]:
        """Run the model and copy some of its outputs, by their number."""
        request = self._idle.get()
        try:
            found = request.infer([pictures], share_inputs=True, share_outputs=True)
            return {each: np.array(found[each], np.float32) for each in outputs}
        finally:
            self._idle.put(request)
