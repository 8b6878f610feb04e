"""The second reader: networks that are asked about films the first is not sure of.

EfficientNet-Lite2 (Tan and Le 2019, arXiv 1905.11946) started from a million
photographs and knows turned, inverted and other makers' films better. Five of them
read, each trained without another fold of patients; half of the first network's time
buys the geometric mean of their answers. Read and compiled when they are first asked.
What they are unsure of they read five times more: mirrored, tilted either way, and from
closer. On FracAtlas left out of training that brought 2 points over tilts alone.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import SECOND_SIZE, GrayImage, resize, tilt
from .openvino.cache import digest
from .openvino.compiled import CompiledModels
from .weights import has_ranges, is_second_reader, read_weights, sha256

AGAIN_BELOW = 0.6  # confidence of the answer to a film as it came
TILT = 10.0  # degrees, either way

# From the number of a film among those asked about to its middle alone: (S, S)
Closer = Callable[[int], GrayImage]


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
        self._models: CompiledModels | None = None
        self._lock = threading.Lock()

    def answers(
        self, squares: NDArray[np.float32], closer: Closer, busy: bool = False
    ) -> NDArray[np.float32]:
        """Answer (N, S, S) in [0, 1] with probabilities (N, 22), uncalibrated.

        The answer to a film that they are unsure of is the mean of six: as it came,
        mirrored, tilted either way, its middle alone, and that mirrored.

        Args:
            squares: Letterboxed and stretched.
            closer: Gives the same of a film's middle; only asked where it is needed.
            busy: Other threads ask at the same time.

        Raises:
            ModelError: Weights are missing, damaged or others than the card's.
        """
        with self._lock:
            if self._models is None:
                self._models = self._build()
        model = self._models.when(busy)
        (found,) = model.run(to_second(squares), (0,)).values()
        unsure = np.flatnonzero(found.max(axis=1) < AGAIN_BELOW)
        if unsure.size:
            looks = [_looks(squares[each], closer(int(each))) for each in unsure]
            answers = [found[unsure]]
            for alike in zip(*looks, strict=True):  # one at a time bounds the memory
                answers += model.run(to_second(alike), (0,)).values()
            found[unsure] = np.mean(answers, axis=0)
        return found

    def _build(self) -> CompiledModels:
        from .efficientnet.graph import build_answers

        networks = []
        for number, path in enumerate(self._paths):
            weights = read_weights(path)
            expected = None if self._expected is None else self._expected[number]
            is_other = expected is not None and sha256(path) != expected
            if is_other or not is_second_reader(weights):
                raise ModelError(
                    f"Expected the second reader that the model card names, "
                    f"{path.name} is another file. Restore both from the repository."
                )
            networks.append(weights)
        exact = all(map(has_ranges, networks))  # float32 beside integers
        return CompiledModels(
            lambda: build_answers(networks, SECOND_SIZE),
            SECOND_SIZE,
            exact,
            digest(*networks),
        )


def _looks(square: GrayImage, closer: GrayImage) -> tuple[GrayImage, ...]:
    """Lay a film in the further ways that it is read in."""
    return (
        square[:, ::-1],
        tilt(square, TILT),
        tilt(square, -TILT),
        closer,
        closer[:, ::-1],
    )
