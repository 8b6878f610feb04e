"""Engines that run the trunk: OpenVINO on a processor, TensorFlow elsewhere.

An engine turns letterboxed squares into the explained layer's activations; the
tail does the rest. Both give the same numbers up to rounding.
"""

import importlib.util
import queue
import threading
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from .architecture import EXPLAINED_LAYER
from .errors import ModelError
from .weights import Weights

if TYPE_CHECKING:
    import openvino as ov

EngineName = Literal["auto", "openvino", "tensorflow"]


class Engine(Protocol):
    """Runs the trunk; may be called from several threads at once."""

    name: str

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


def make_engine(
    name: EngineName, weights: Weights, layer: str = EXPLAINED_LAYER
) -> Engine:
    """Make an engine for a network's weights.

    Args:
        name: "auto" takes OpenVINO where it is installed, else TensorFlow.
        weights: Of the whole network.
        layer: Where the trunk ends.

    Raises:
        ModelError: No engine has that name.
    """
    if name == "auto":
        has_openvino = importlib.util.find_spec("openvino") is not None
        name = "openvino" if has_openvino else "tensorflow"
    if name == "openvino":
        return OpenVinoEngine(weights, layer)
    if name == "tensorflow":
        return TensorFlowEngine(weights, layer)
    raise ModelError(
        f"Expected engine auto, openvino or tensorflow. Received: {name!r}"
    )


class OpenVinoEngine:
    """The trunk compiled for this processor, in bfloat16 where it has it."""

    name = "openvino"

    def __init__(self, weights: Weights, layer: str = EXPLAINED_LAYER) -> None:
        from .trunk import build_trunk

        self._model = build_trunk(weights, layer)
        self._soon = _Compiled(self._model, "LATENCY")
        self._many: _Compiled | None = None
        self._lock = threading.Lock()

    def activations(
        self, squares: NDArray[np.float32], busy: bool = False
    ) -> NDArray[np.float32]:
        """Run the trunk: (N, 256, 256) in [-1, 1] to (N, 8, 8, 1856)."""
        compiled = self._throughput() if busy else self._soon
        return compiled.run(squares[:, None])

    def _throughput(self) -> "_Compiled":
        # Compiled when first needed: one picture alone never pays for it.
        with self._lock:
            if self._many is None:
                self._many = _Compiled(self._model, "THROUGHPUT")
            return self._many


class _Compiled:
    """A compiled model and its idle requests, which serve one thread each."""

    def __init__(self, model: "ov.Model", hint: str) -> None:
        import openvino as ov

        options = {"PERFORMANCE_HINT": hint}
        self._compiled = ov.Core().compile_model(model, "CPU", options)
        self._idle: queue.SimpleQueue[ov.InferRequest] = queue.SimpleQueue()

    def run(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            request = self._idle.get_nowait()
        except queue.Empty:
            request = self._compiled.create_infer_request()
        result = np.array(request.infer([pictures])[0], np.float32)
        self._idle.put(request)
        return result


class TensorFlowEngine:
    """The trunk in Keras on TensorFlow: the reference, and for GPUs."""

    name = "tensorflow"

    def __init__(self, weights: Weights, layer: str = EXPLAINED_LAYER) -> None:
        import keras
        import tensorflow as tf

        from .model import build_model, set_weights

        model = build_model()
        set_weights(model, weights)
        trunk = keras.Model(model.input, model.get_layer(layer).output)

        @tf.function(
            input_signature=[tf.TensorSpec((None, None, None), tf.float32)],
        )
        def run(squares: "tf.Tensor") -> "tf.Tensor":
            return trunk(tf.repeat(squares[..., None], 3, axis=-1), training=False)

        self._run = run

    def activations(
        self,
        squares: NDArray[np.float32],
        busy: bool = False,  # noqa: ARG002
    ) -> NDArray[np.float32]:
        """Run the trunk: (N, 256, 256) in [-1, 1] to (N, 8, 8, 1856)."""
        return np.asarray(self._run(squares), np.float32)
