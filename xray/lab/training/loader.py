"""Batches of augmented films for training, drawn anew each epoch from a seed."""

import math
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ...image import GrayImage, NetworkInput, resize, to_input
from ...labels import BODY_PARTS
from ...reading.reader import read_image
from .augment import augment_twice
from .dataset import HOME, Film
from .recipes import Phase, Recipe
from .teachers import Teachers

CACHED_SIDE = 384  # pixels; films are kept in memory at most this large


class FilmLoader(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """The batches of one epoch: pictures (N, size, size, 3) and soft labels (N, 22).

    Args:
        films: Films to draw from.
        recipe: How to draw and change them.
        phase: Picture and batch size.
        epoch: Counted from 0; with the seed it decides every random choice.
        seed: Of the whole run.
        teachers: Whose answers are a part of home films' labels; None: labels alone.
    """

    def __init__(
        self,
        films: Sequence[Film],
        recipe: Recipe,
        phase: Phase,
        epoch: int,
        seed: int,
        *,
        teachers: Teachers | None = None,
    ) -> None:
        super().__init__(workers=1, max_queue_size=8)
        self.films = films
        self.recipe = recipe
        self.phase = phase
        self.teachers = teachers
        self.seed = (seed, epoch)
        random = np.random.default_rng(self.seed)
        count = recipe.films_per_epoch
        if count is None:
            self.order = random.permutation(len(films))
        else:
            self.order = random.choice(len(films), count, p=draw_weights(films, recipe))

    def __len__(self) -> int:
        return math.ceil(len(self.order) / self.phase.batch)

    def __getitem__(self, index: int) -> tuple[NetworkInput, NDArray[np.float32]]:
        batch = self.phase.batch
        random = np.random.default_rng((*self.seed, index))
        drawn = self.order[index * batch : (index + 1) * batch]
        chosen = [self.films[i] for i in drawn]
        size, how = self.phase.size, self.recipe.augmentation
        views = [
            augment_twice(cached_film(film.path), size, how, random) for film in chosen
        ]
        pictures = np.stack([to_input(changed) for _, changed in views])
        labels = soft_labels(chosen)
        if self.teachers is not None and self.recipe.taught:
            seen = [plain for plain, _ in views]
            labels = self.teachers.teach(labels, chosen, seen, self.recipe.taught)
        return pictures, labels


def draw_weights(films: Sequence[Film], recipe: Recipe) -> NDArray[np.float64]:
    """Probability of drawing each film, (N,): rare classes and home films first."""
    main = np.array([film.targets[0] for film in films])
    source = np.unique([film.source for film in films], return_inverse=True)[1]
    counts = np.bincount(main, minlength=len(BODY_PARTS))
    weights = np.bincount(source)[source] ** (float(recipe.source_power) - 1)
    # Sources share a class between them, whatever they weigh.
    weights *= (counts / np.maximum(np.bincount(main, weights, len(counts)), 1e-9))[
        main
    ]
    weights *= counts[main] ** -float(recipe.class_power)
    home = np.array([film.source == HOME for film in films])
    if recipe.home_share is not None and home.any() and not home.all():
        weights[home] *= recipe.home_share / weights[home].sum()
        weights[~home] *= (1 - recipe.home_share) / weights[~home].sum()
    return np.asarray(weights / weights.sum())


def soft_labels(films: Sequence[Film]) -> NDArray[np.float32]:
    """Let a film's parts share 1 between them: (N, 22), rows summing to 1."""
    soft = np.zeros((len(films), len(BODY_PARTS)), np.float32)
    for row, film in zip(soft, films, strict=True):
        row[list(film.targets)] = 1 / len(film.targets)
    return soft


_CACHE: dict[Path, NDArray[np.uint8]] = {}


def cached_film(path: Path, side: int = CACHED_SIDE) -> GrayImage:
    """Read a film once and keep it small, in 8 bits: (H, W), [0, 1].

    The longest side that is kept is the same in a whole process.
    """
    if path not in _CACHE:
        image = read_image(path)
        if (longest := max(image.shape)) > side:
            scale = side / longest
            height, width = (max(1, round(side * scale)) for side in image.shape)
            image = resize(image, height, width)  # unpadded: changes come before that
        _CACHE[path] = np.round(image * 255).astype(np.uint8)
    return _CACHE[path].astype(np.float32) / np.float32(255)
