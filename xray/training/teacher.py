"""The teacher: ImageNet's Xception, fine-tuned on the same films.

A network that has seen a million photographs makes other mistakes than one that has
only seen radiographs; learning its answers beside the labels hands some of that on
(distillation, Hinton, Vinyals & Dean 2015, arXiv 1503.02531). It is not shipped.
"""

from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import resize
from ..network.weights import read_weights
from .recipes import TEACHER_SIZE
from .xception_graph import build_graph


class Teacher:
    """The trained Xception, compiled and ready to be asked.

    Args:
        path: Its weights: `best.npz` of a run with recipe `teacher`.

    Raises:
        ModelError: They are of another network.
    """

    def __init__(self, path: Path) -> None:
        weights = read_weights(path)
        if "block1_conv1/kernel" not in weights:
            raise ModelError(
                f"Expected weights of an Xception in {path.name}, received another "
                "network's. Train one with --recipe teacher."
            )
        core = ov.Core()
        fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        options = {"INFERENCE_PRECISION_HINT": "bf16" if fast else "f32"}
        graph = build_graph(weights, TEACHER_SIZE)
        self._model = core.compile_model(graph, "CPU", options)

    def answers(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer as it would: (N, S, S), [0, 1], to probabilities (N, 22)."""
        side = TEACHER_SIZE
        fitting = np.stack([resize(square, side, side) for square in squares])
        return np.array(self._model(fitting[:, None] * 2 - 1)[0], np.float32)
