"""Models that OpenVINO compiles for this processor, shared by many threads."""

import ctypes
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...threads import count_cores
from .cache import compile_once

if TYPE_CHECKING:
    import openvino as ov

_FIRST = threading.Lock()  # held by the first run of each compiled model


class CompiledModel:
    """A compiled model and its idle requests, which serve one thread each.

    All requests are made with the model, and the first of all runs alone: OpenVINO's
    Python binding initializes itself then, and two threads at it wait for each other
    for good.

    Args:
        build: Makes the model, from (1, 1, size, size) to any outputs.
        size: Side of its pictures in pixels.
        hint: OpenVINO's performance hint, "LATENCY" or "THROUGHPUT".
        exact: Compute in float32 even where the processor has bfloat16.
        weights: `cache.digest` of the model's; None keeps nothing for the next start.
    """

    def __init__(
        self,
        build: Callable[[], "ov.Model"],
        size: int,
        hint: str,
        exact: bool = False,
        weights: str | None = None,
    ) -> None:
        import openvino as ov

        core = ov.Core()
        # Said outright: where it may choose, OpenVINO takes float16 on arm64, and
        # DenseNet's activations overflow that.
        known = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        precision = "bf16" if "BF16" in known and not exact else "f32"
        options = {"PERFORMANCE_HINT": hint, "INFERENCE_PRECISION_HINT": precision}
        if weights is None:
            self._compiled = core.compile_model(build(), "CPU", options)
        else:
            self._compiled = compile_once(core, build, options, weights)
        self._idle: queue.SimpleQueue[ov.InferRequest] = queue.SimpleQueue()
        # Two more than cores, as the pipeline has threads.
        for _ in range(count_cores() + 2):
            self._idle.put(self._compiled.create_infer_request())
        with _FIRST:
            self.run(np.zeros((1, 1, size, size), np.float32), (0,))

    def run(
        self, pictures: NDArray[np.float32], outputs: Sequence[int]
    ) -> dict[int, NDArray[np.float32]]:
        """Run the model on (N, 1, S, S), one by one: some outputs, by their number."""
        copied: dict[int, list[NDArray[np.float32]]] = {each: [] for each in outputs}
        request = self._idle.get()
        try:
            for picture in np.split(pictures, len(pictures)):
                found = request.infer([picture], share_inputs=True, share_outputs=True)
                for each in outputs:
                    copied[each].append(np.array(found[each], np.float32))
        finally:
            self._idle.put(request)
        return {each: np.concatenate(arrays) for each, arrays in copied.items()}


class CompiledModels:
    """A model for one picture at once, or for many: one of them is kept.

    One alone has all cores. Where other threads compute too, each has a core of its
    own: sharing them all, they would wait for each other at every layer. Once many
    have come, one alone is answered by what was compiled for many, a little later:
    keeping both would cost a hundred megabytes. For the arguments see
    `CompiledModel`; `build` goes when the model for many is there, and with it the
    weights that it builds from.
    """

    def __init__(
        self, build: Callable[[], "ov.Model"], size: int, exact: bool, weights: str
    ) -> None:
        self._compile: Callable[[str], CompiledModel] | None = lambda hint: (
            CompiledModel(build, size, hint, exact, weights)
        )
        self._model: CompiledModel | None = None
        self._lock = threading.Lock()

    def when(self, busy: bool) -> CompiledModel:
        """Find the one for this moment.

        It is busy when other threads ask at the same time.
        """
        found = self._model
        if found is None or (busy and self._compile is not None):
            with self._lock:
                found = self._fitting(busy)
        return found

    def _fitting(self, busy: bool) -> CompiledModel:
        if self._compile is not None and (busy or self._model is None):
            self._model = self._compile("THROUGHPUT" if busy else "LATENCY")
            if busy:
                self._compile = None
            _give_back()
        assert self._model is not None  # compiled above, or before
        return self._model


def _give_back() -> None:
    """Give the system back what compiling took and freed, where glibc keeps it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:  # musl has none
            trim(0)
