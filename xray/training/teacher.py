"""The teacher: ImageNet's Xception, fine-tuned on the same films.

A network that has seen a million photographs makes other mistakes than one that has
only seen radiographs; learning its answers beside the labels hands some of that on
(distillation, Hinton, Vinyals & Dean 2015, arXiv 1503.02531). It is not shipped.
"""

from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from ..image import INPUT_SIZE, resize
from ..network.engines import make_engine
from ..network.tail import Tail
from ..network.weights import Weights, read_weights
from ..trust.confidence import softmax
from .recipes import TEACHER_SIZE
from .xception_graph import build_graph


class Teacher:
    """Trained networks, compiled and ready to be asked; several answer with their mean.

    Args:
        paths: Their weights: `best.npz` of a run with recipe `teacher`, or any
            weights of the DenseNet itself, whose mistakes differ from Xception's.
    """

    def __init__(self, *paths: Path) -> None:
        self._networks = [_compile(read_weights(path)) for path in paths]

    def answers(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer as they would: (N, S, S), [0, 1], to probabilities (N, 22)."""
        answers = [network.answers(squares) for network in self._networks]
        return np.asarray(np.mean(answers, axis=0), np.float32)


class _Xception:
    """The compiled Xception."""

    def __init__(self, weights: Weights) -> None:
        core = ov.Core()
        fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        options = {"INFERENCE_PRECISION_HINT": "bf16" if fast else "f32"}
        self._model = core.compile_model(
            build_graph(weights, TEACHER_SIZE), "CPU", options
        )

    def answers(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer (N, S, S) in [0, 1] with (N, 22)."""
        pictures = _fitting(squares, TEACHER_SIZE)[:, None]
        return np.array(self._model(pictures)[0], np.float32)


class _DenseNet:
    """The network itself, on whatever engine serves it."""

    def __init__(self, weights: Weights) -> None:
        self._engine = make_engine("auto", weights)
        self._tail = Tail(weights)

    def answers(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer (N, S, S) in [0, 1] with (N, 22)."""
        found = self._engine.forward(_fitting(squares, INPUT_SIZE), maps=False)
        return softmax(self._tail.decide(found.features))


def _compile(weights: Weights) -> _Xception | _DenseNet:
    if "block1_conv1/kernel" in weights:
        return _Xception(weights)
    return _DenseNet(weights)


def _fitting(squares: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Bring (N, S, S) in [0, 1] to (N, side, side) in [-1, 1]."""
    return np.stack([resize(square, side, side) for square in squares]) * 2 - 1
