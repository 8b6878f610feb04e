"""Engines that run the trunk: OpenVINO on a processor, TensorFlow elsewhere.

An engine turns letterboxed squares into the explained layer's activations and the
pooled features; the tail does the rest. Both give the same numbers up to rounding.
"""

import importlib.util
import queue
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import INPUT_SIZE
from ..threads import count_cores
from .architecture import EXPLAINED_LAYER
from .weights import Weights

if TYPE_CHECKING:
    import openvino as ov

_FIRST = threading.Lock()

EngineName = Literal["auto", "openvino", "tensorflow"]


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

        Args:
            squares: (N, 256, 256), [-1, 1].
            busy: As for `activations`.
            maps: Whether to hand out the explained layer's activations too.
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


def choose_engine(name: EngineName = "auto") -> EngineName:
    """Choose the engine for this machine.

    Args:
        name: "auto" takes OpenVINO where it is installed and there is no GPU that
            TensorFlow can use, else TensorFlow.
    """
    if name != "auto":
        return name
    has_openvino = importlib.util.find_spec("openvino") is not None
    return "openvino" if has_openvino and not _has_gpu() else "tensorflow"


def make_engine(
    name: EngineName, weights: Weights, layer: str = EXPLAINED_LAYER
) -> Engine:
    """Make an engine for a network's weights.

    Args:
        name: As for `choose_engine`.
        weights: Of the whole network; of the light variant for OpenVINO only.
        layer: Where the trunk ends.

    Raises:
        ModelError: No engine has that name.
    """
    name = choose_engine(name)
    if name == "openvino":
        return OpenVinoEngine(weights, layer)
    if name == "tensorflow":
        return TensorFlowEngine(weights, layer)
    raise ModelError(
        f"Expected engine auto, openvino or tensorflow. Received: {name!r}"
    )


def _has_gpu() -> bool:
    # Importing TensorFlow takes seconds: only where there is a driver at all.
    if shutil.which("nvidia-smi") is None:
        return False
    if importlib.util.find_spec("tensorflow") is None:
        return False
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


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


class TensorFlowEngine:
    """The trunk in Keras on TensorFlow: the reference, and for GPUs."""

    name = "tensorflow"

    def __init__(self, weights: Weights, layer: str = EXPLAINED_LAYER) -> None:
        import keras
        import tensorflow as tf

        from .model import build_model, set_weights

        model = build_model()
        set_weights(model, weights)
        outputs = [model.get_layer(name).output for name in (layer, "pool")]
        trunk = keras.Model(model.input, outputs)

        def run(squares: "tf.Tensor") -> tuple["tf.Tensor", "tf.Tensor"]:
            three = tf.repeat(squares[..., None], 3, axis=-1)
            activations, features = trunk(three, training=False)
            return activations, features

        signature = [tf.TensorSpec((None, None, None), tf.float32)]
        self._run = tf.function(run, input_signature=signature)

    def forward(
        self,
        squares: NDArray[np.float32],
        busy: bool = False,  # noqa: ARG002
        maps: bool = True,
    ) -> TrunkOutput:
        """Run everything but the head: (N, 256, 256) in [-1, 1]."""
        activations, features = self._run(squares)
        return TrunkOutput(
            np.asarray(features, np.float32),
            np.asarray(activations, np.float32) if maps else None,
        )

    def activations(
        self,
        squares: NDArray[np.float32],
        busy: bool = False,  # noqa: ARG002
    ) -> NDArray[np.float32]:
        """Run the trunk: (N, 256, 256) in [-1, 1] to (N, 8, 8, 1856)."""
        return np.asarray(self._run(squares)[0], np.float32)
