"""The ensemble's second network: small, and asked about every film.

EfficientNet-Lite2 (Tan and Le 2019, arXiv 1905.11946) started from a million
photographs and knows other makers' films better. It sees each film twice, as it is, and
mirrored and smaller (test-time augmentation): films of other hospitals are often cut
closer than those it learned from. Both together cost a quarter of the first network's
time; read and compiled when it is first asked.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import GrayImage, resize
from ..threads import once
from .backbones import BACKBONES, EFFICIENTNET_LITE2
from .card import Card
from .openvino.cache import digest
from .openvino.compiled import CompiledModels
from .weights import has_ranges, read_weights, sha256

SIZE = BACKBONES[EFFICIENTNET_LITE2].size
_SMALLER = 160  # pixels of the mirrored film, in black


def to_pictures(squares: Iterable[GrayImage]) -> NDArray[np.float32]:
    """Turn N squares (S, S) in [0, 1] into what the network takes: (N, 1, 192, 192)."""
    fitting = np.stack([resize(square, SIZE, SIZE) for square in squares])
    return fitting[:, None] * 2 - 1


def _mirrored(squares: Iterable[GrayImage]) -> NDArray[np.float32]:
    """Turn N squares (S, S) into what is seen of them the second time."""
    small = [np.fliplr(resize(square, _SMALLER, _SMALLER)) for square in squares]
    return to_pictures(np.pad(each, (SIZE - _SMALLER) // 2) for each in small)


class SecondNetwork:
    """A trained EfficientNet-Lite2; may be shared between threads.

    Args:
        path: Its weights (.npz).
        expected: Their sha256, as the card of the first network states it; None
            takes them as they are.
    """

    def __init__(self, path: Path, expected: str | None = None) -> None:
        self.path = path
        self._expected = expected
        self._models = once(self._build)

    @classmethod
    def of(cls, card: Card) -> "SecondNetwork | None":
        """Make the one that a first network's card names; None if it names none."""
        if card.ensemble is None:
            return None
        return cls(card.path.with_name(card.ensemble.file), card.ensemble.sha256)

    def logits(
        self, squares: NDArray[np.float32], busy: bool = False
    ) -> NDArray[np.float32]:
        """Answer (N, S, S) in [0, 1], letterboxed and stretched: (N, 22).

        The mean of what it says of the film as it is, and mirrored and smaller.

        Raises:
            ModelError: The weights are missing, damaged or others than the card's.
        """
        model = self._models().when(busy)
        plain = model.run(to_pictures(squares), (0,))[0]
        mirrored = model.run(_mirrored(squares), (0,))[0]
        return np.asarray((plain + mirrored) / 2, np.float32)

    def measure(
        self, squares: NDArray[np.float32], busy: bool = False
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Answer one view: logits (N, 22) and pooled features (N, 1280)."""
        found = self._models().when(busy).run(to_pictures(squares), (0, 1))
        return found[0], found[1]

    def _build(self) -> CompiledModels:
        from .efficientnet.graph import build

        weights = read_weights(self.path)
        if self._expected not in (None, sha256(self.path)):
            raise ModelError(
                f"Expected the network that the model card names, {self.path.name} is "
                "another file. Restore both from the repository."
            )
        BACKBONES[EFFICIENTNET_LITE2].check(weights, self.path.name)
        exact = has_ranges(weights)  # float32 beside integers
        return CompiledModels(
            lambda: build(weights, SIZE).model(), SIZE, exact, digest(weights)
        )
