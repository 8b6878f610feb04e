"""The second reader: another network, asked about films the first is not sure of.

Xception (Chollet 2017, arXiv 1610.02357) started from a million photographs and
knows turned, inverted and other makers' films better; a third of the first network's
time buys its answer. Read and compiled when it is first asked. Films of a source that
it had never seen, and was unsure of, it answers better as the mean of a few tilts.
"""

import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import XCEPTION_SIZE, GrayImage, resize, tilt
from .compiled import CompiledModel
from .weights import is_second_reader, read_weights, sha256

TILTED_BELOW = 0.6  # confidence of the answer to a film as it came
TILTS = (10.0, -10.0)  # degrees


def to_second(squares: Iterable[GrayImage]) -> NDArray[np.float32]:
    """Turn N squares (S, S) in [0, 1] into what the network takes: (N, 1, 192, 192)."""
    side = XCEPTION_SIZE
    fitting = np.stack([resize(square, side, side) for square in squares])
    return fitting[:, None] * 2 - 1


class SecondReader:
    """A trained Xception; may be shared between threads.

    Args:
        path: Its weights (.npz).
        expected: Their sha256, as the card of the first network states it; None
            takes them as they are.
    """

    def __init__(self, path: Path, expected: str | None = None) -> None:
        self._path = path
        self._expected = expected
        self._model: CompiledModel | None = None
        self._lock = threading.Lock()

    def answers(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer (N, S, S) in [0, 1] with probabilities (N, 22), uncalibrated.

        The answer to a film that it is unsure of is the mean of three: as it came,
        and tilted either way.

        Raises:
            ModelError: The weights are missing, damaged or others than the card's.
        """
        with self._lock:
            if self._model is None:
                self._model = self._compile()
        found = self._model.run(to_second(squares), (0,))[0]
        unsure = found.max(axis=1) < TILTED_BELOW
        if unsure.any():
            tilted = [tilt(square, by) for by in TILTS for square in squares[unsure]]
            further = self._model.run(to_second(tilted), (0,))[0]
            parts = [found[unsure], *np.split(further, len(TILTS))]
            found[unsure] = np.mean(parts, axis=0)
        return found

    def _compile(self) -> CompiledModel:
        from .xception_graph import build_graph

        weights = read_weights(self._path)
        is_other = self._expected is not None and sha256(self._path) != self._expected
        if is_other or not is_second_reader(weights):
            raise ModelError(
                f"Expected the second reader that the model card names, "
                f"{self._path.name} is another file. Restore both from the repository."
            )
        graph = build_graph(weights, XCEPTION_SIZE)
        return CompiledModel(graph, XCEPTION_SIZE, "LATENCY")
