"""Training behind a frozen trunk: its output is computed once for each copy of a film.

The layers before the cut never change, so what they make of a film needs no second
pass; an engine computes it, fifteen times as fast as training would.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...image import GrayImage, to_square
from ...network.openvino.engine import OpenVinoEngine
from ...network.weights import Weights
from .augment import augment
from .dataset import Film
from .loader import FilmLoader, cached_film, soft_labels
from .recipes import Phase, Recipe

_Key = tuple[str, int]  # a film's path and the number of its copy
CLEAN = -1  # number of the copy that isn't changed


class FrozenTrunk:
    """The network up to a layer, with a memory of what it has computed.

    Args:
        weights: Of the whole network.
        recipe: Names the layer, and how copies are changed.
        seed: Decides, with a copy's number, how a film is changed.
    """

    def __init__(self, weights: Weights, recipe: Recipe, seed: int) -> None:
        self.recipe = recipe
        self.seed = seed
        self._engine = OpenVinoEngine(weights, recipe.frozen_until)
        self._known: dict[_Key, NDArray[np.float16]] = {}

    def activations(
        self, films: Sequence[Film], copies: Sequence[int]
    ) -> NDArray[np.float32]:
        """Compute or recall the layer's output, (N, H, W, C)."""
        keys = [
            (str(film.path), copy) for film, copy in zip(films, copies, strict=True)
        ]
        missing = {
            key: film
            for key, film in zip(keys, films, strict=True)
            if key not in self._known
        }
        if missing:
            squares = np.stack(
                [self._square(film, key[1]) for key, film in missing.items()]
            )
            computed = self._engine.activations(squares * 2 - 1)
            self._known.update(zip(missing, computed.astype(np.float16), strict=True))
        return np.stack([self._known[key] for key in keys]).astype(np.float32)

    def _square(self, film: Film, copy: int) -> GrayImage:
        image = cached_film(film.path)
        size = self.recipe.phases[0].size
        if copy == CLEAN:
            return to_square(image, size)
        name = int.from_bytes(film.path.name.encode()[-16:], "big")
        random = np.random.default_rng((self.seed, name, copy))
        return augment(image, size, self.recipe.augmentation, random)


class ActivationLoader(FilmLoader):
    """The batches of one epoch behind a frozen trunk: (N, H, W, C) and (N, 22)."""

    def __init__(
        self,
        films: Sequence[Film],
        recipe: Recipe,
        phase: Phase,
        epoch: int,
        trunk: FrozenTrunk,
    ) -> None:
        super().__init__(films, recipe, phase, epoch, trunk.seed)
        self.trunk = trunk
        random = np.random.default_rng((*self.seed, len(self.order)))
        self.copies = random.integers(recipe.copies, size=len(self.order))

    def __getitem__(
        self, index: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        here = slice(index * self.phase.batch, (index + 1) * self.phase.batch)
        chosen = [self.films[i] for i in self.order[here]]
        copies = self.copies[here].tolist()
        activations = self.trunk.activations(chosen, copies)
        if self.recipe.mix_style:
            random = np.random.default_rng((*self.seed, index))
            activations = mix_style(activations, self.recipe.mix_style, random)
        return activations, soft_labels(chosen)


def mix_style(
    activations: NDArray[np.float32], share: float, random: np.random.Generator
) -> NDArray[np.float32]:
    """Give some films' activations a mixture of their own and another film's style.

    A film's style is each channel's mean and standard deviation over the picture:
    exposure and processing more than anatomy (MixStyle, Zhou et al. 2021, arXiv
    2104.02008).

    Args:
        activations: (N, H, W, C).
        share: Of the films whose style is mixed.
        random: Source of every random choice.

    Returns:
        The same shape.
    """
    count = len(activations)
    mean = activations.mean(axis=(1, 2), keepdims=True)
    deviation = activations.std(axis=(1, 2), keepdims=True) + np.float32(1e-5)
    drawn = random.beta(0.1, 0.1, count)
    drawn[random.random(count) >= share] = 1
    own = drawn.astype(np.float32)[:, None, None, None]
    other = random.permutation(count)
    mixed = (activations - mean) / deviation
    mixed *= own * deviation + (1 - own) * deviation[other]
    mixed += own * mean + (1 - own) * mean[other]
    return np.asarray(mixed)
