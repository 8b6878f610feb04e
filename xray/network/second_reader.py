"""The second reader: other networks, asked about films the first is not sure of.

Xception (Chollet 2017, arXiv 1610.02357) and EfficientNet-Lite2 (Tan and Le 2019, arXiv
1905.11946) started from a million photographs and know turned, inverted and other
makers' films better; half of the first network's time buys their answer, a geometric
mean of both. Read and compiled when they are first asked. Films of a source that they
had never seen, and were unsure of, they answer better as the mean of a few tilts.
"""

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import SECOND_SIZE, GrayImage, resize, tilt
from .compiled import CompiledModel
from .weights import Weights, has_ranges, network_of, read_weights, sha256

if TYPE_CHECKING:
    from .second_graph import SecondGraph

# Of the answer. The second does better on sources left out of training (the card's
# figures); any share of it between 0.5 and 0.8 differs by a film or two on fold 0.
SHARES = {"xception": 0.4, "efficientnet": 0.6}
_LEAST = 1e-9  # probability
TILTED_BELOW = 0.6  # confidence of the answer to a film as it came
TILTS = (10.0, -10.0)  # degrees


def to_second(squares: Iterable[GrayImage]) -> NDArray[np.float32]:
    """Turn N squares (S, S) in [0, 1] into what the network takes: (N, 1, 192, 192)."""
    side = SECOND_SIZE
    fitting = np.stack([resize(square, side, side) for square in squares])
    return fitting[:, None] * 2 - 1


class SecondReader:
    """Trained networks that read together; may be shared between threads.

    Args:
        paths: Their weights (.npz).
        expected: The sha256 of each, as the card of the first network states it;
            None takes them as they are.
    """

    def __init__(
        self, paths: Sequence[Path], expected: Sequence[str] | None = None
    ) -> None:
        self._paths = paths
        self._expected = expected
        self._models: list[tuple[float, CompiledModel]] = []  # each with its share
        self._lock = threading.Lock()

    def answers(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer (N, S, S) in [0, 1] with probabilities (N, 22), uncalibrated.

        The answer to a film that they are unsure of is the mean of three: as it came,
        and tilted either way.

        Raises:
            ModelError: Weights are missing, damaged or others than the card's.
        """
        with self._lock:
            if not self._models:
                self._models = self._compile()
        found = self._read(squares)
        unsure = found.max(axis=1) < TILTED_BELOW
        if unsure.any():
            tilted = [tilt(square, by) for by in TILTS for square in squares[unsure]]
            parts = [found[unsure], *np.split(self._read(tilted), len(TILTS))]
            found[unsure] = np.mean(parts, axis=0)
        return found

    def _read(self, squares: Iterable[GrayImage]) -> NDArray[np.float32]:
        pictures = to_second(squares)
        # The geometric mean: a network that rules a part out is heard.
        logs = [
            share * np.log(np.maximum(model.run(pictures, (0,))[0], _LEAST))
            for share, model in self._models
        ]
        mixed = np.exp(np.sum(logs, axis=0) / sum(share for share, _ in self._models))
        return np.asarray(mixed / mixed.sum(axis=1, keepdims=True), np.float32)

    def _compile(self) -> list[tuple[float, CompiledModel]]:
        found = []
        for number, path in enumerate(self._paths):
            weights = read_weights(path)
            expected = None if self._expected is None else self._expected[number]
            is_other = expected is not None and sha256(path) != expected
            if is_other or not is_second_reader(weights):
                raise ModelError(
                    f"Expected the second reader that the model card names, "
                    f"{path.name} is another file. Restore both from the repository."
                )
            exact = has_ranges(weights)  # float32 beside integers
            graph = graph_of(weights).answers()
            model = CompiledModel(graph, SECOND_SIZE, "LATENCY", exact)
            found.append((SHARES[network_of(weights)], model))
        return found


def is_second_reader(weights: Weights) -> bool:
    """Say whether weights are of a network that reads second."""
    return network_of(weights) in SHARES


def graph_of(weights: Weights) -> "SecondGraph":
    """Build a second reader's network for pictures of 192 × 192."""
    from .efficientnet_graph import EfficientNetGraph
    from .xception_graph import XceptionGraph

    graphs = {"xception": XceptionGraph, "efficientnet": EfficientNetGraph}
    return graphs[network_of(weights)](weights, SECOND_SIZE)
