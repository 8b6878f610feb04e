"""The ensemble: networks that are asked about films the first one is not sure of.

EfficientNet-Lite2 (Tan and Le 2019, arXiv 1905.11946) started from a million
photographs and knows turned, inverted and other makers' films better. Five of them
read, each trained without another fold of patients; half of the first network's time
buys the geometric mean of their answers. Read and compiled when they are first asked.
Test-time augmentation: what they are unsure of they read five times more, mirrored,
tilted either way, and from closer. On FracAtlas left out of training that brought 2
points over tilts alone.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import GrayImage, resize, tilt
from .backbones import BACKBONES, EFFICIENTNET_LITE2
from .card import Card
from .openvino.cache import digest
from .openvino.compiled import CompiledModels
from .weights import has_ranges, read_weights, sha256

TILT = 10.0  # degrees, either way
SIZE = BACKBONES[EFFICIENTNET_LITE2].size

# From the number of a film among those asked about to its middle alone: (S, S)
Closer = Callable[[int], GrayImage]


def to_pictures(squares: Iterable[GrayImage]) -> NDArray[np.float32]:
    """Turn N squares (S, S) in [0, 1] into what the networks take: (N, 1, 192, 192)."""
    fitting = np.stack([resize(square, SIZE, SIZE) for square in squares])
    return fitting[:, None] * 2 - 1


class Ensemble:
    """Trained networks that read together; may be shared between threads.

    Args:
        paths: Their weights (.npz).
        expected: The sha256 of each, as the card of the first network states it;
            None takes them as they are.
        again_below: Confidence of their answer below which they read a film again.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        expected: Sequence[str] | None = None,
        again_below: float = 0.6,
    ) -> None:
        self.paths = paths
        self._expected = expected
        self._again_below = again_below
        self._models: CompiledModels | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, card: Card, kept_from: str | None = None) -> "Ensemble | None":
        """Make the ensemble that a first network's card names; None if it names none.

        Args:
            card: Of the first network.
            kept_from: A split of films: only networks trained without it are asked,
                if there are any.
        """
        if card.ensemble is None:
            return None
        members = (kept_from and card.members(kept_from)) or card.members()
        return cls(
            [card.path.with_name(each.file) for each in members],
            [each.sha256 for each in members],
            card.ensemble.again_below,
        )

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
        (found,) = model.run(to_pictures(squares), (0,)).values()
        unsure = np.flatnonzero(found.max(axis=1) < self._again_below)
        if unsure.size:
            views = [_views(squares[each], closer(int(each))) for each in unsure]
            answers = [found[unsure]]
            for alike in zip(*views, strict=True):  # one at a time bounds the memory
                answers += model.run(to_pictures(alike), (0,)).values()
            found[unsure] = np.mean(answers, axis=0)
        return found

    def _build(self) -> CompiledModels:
        from .efficientnet.graph import build_answers

        networks = []
        for number, path in enumerate(self.paths):
            weights = read_weights(path)
            expected = None if self._expected is None else self._expected[number]
            if expected is not None and sha256(path) != expected:
                raise ModelError(
                    f"Expected the network that the model card names, {path.name} is "
                    "another file. Restore both from the repository."
                )
            BACKBONES[EFFICIENTNET_LITE2].check(weights, path.name)
            networks.append(weights)
        exact = all(map(has_ranges, networks))  # float32 beside integers
        return CompiledModels(
            lambda: build_answers(networks, SIZE),
            SIZE,
            exact,
            digest(*networks),
        )


def _views(square: GrayImage, closer: GrayImage) -> tuple[GrayImage, ...]:
    """Lay a film in the further ways that it is read in."""
    return (
        square[:, ::-1],
        tilt(square, TILT),
        tilt(square, -TILT),
        closer,
        closer[:, ::-1],
    )
