"""Batches of changed films with what is marked on them, drawn anew each epoch."""

import math
from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from ...image import GrayImage, NetworkInput, resize, to_input
from ...network.findings.answer import PROJECTIONS
from ..training.augment import augment_marked
from ..training.loader import cached_film
from ..training.recipes import Phase, Recipe
from .films import MarkedFilm

LONGEST = 512  # pixels of a film's side that are kept in memory
STRIDE = 16  # pixels of the square to a cell of the map
COVERED = 0.25  # of a cell, from which on it shows the fracture
UNCLEAR = np.float32(-1)  # a cell or an answer that nothing is learned from
FRACTURED_SHARE = 0.35  # of draws; a sixth of the films are
RARE_WEIGHTS = {"oblique": 2.0, "several": 2.0}
HARDWARE_WEIGHT = 4.0

Targets = dict[str, NDArray[np.float32]]


class MarkedLoader(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """The batches of one epoch: pictures (N, size, size, 3) and targets.

    Targets are "where" (N, size / 16, size / 16, 1), 1 or 0 or unclear, and "film"
    (N, 6): fracture and hardware likewise, projections one-hot.

    Args:
        films: Films to draw from.
        recipe: How to change them, and how many an epoch draws.
        phase: Picture and batch size.
        epoch: Counted from 0; with the seed it decides every random choice.
        seed: Of the whole run.
    """

    def __init__(
        self,
        films: Sequence[MarkedFilm],
        recipe: Recipe,
        phase: Phase,
        epoch: int,
        seed: int,
    ) -> None:
        super().__init__(workers=1, max_queue_size=8)
        self.films = films
        self.recipe = recipe
        self.phase = phase
        self.seed = (seed, epoch)
        random = np.random.default_rng(self.seed)
        count = recipe.films_per_epoch or len(films)
        self.order = random.choice(len(films), count, p=draw_weights(films))

    def __len__(self) -> int:
        return math.ceil(len(self.order) / self.phase.batch)

    def __getitem__(self, index: int) -> tuple[NetworkInput, Targets]:
        batch = self.phase.batch
        random = np.random.default_rng((*self.seed, index))
        drawn = self.order[index * batch : (index + 1) * batch]
        made = [self._change(self.films[i], random) for i in drawn]
        pictures, where, film = (np.stack(each) for each in zip(*made, strict=True))
        return pictures, {"where": where, "film": film}

    def _change(
        self, film: MarkedFilm, random: np.random.Generator
    ) -> tuple[NetworkInput, NDArray[np.float32], NDArray[np.float32]]:
        image = cached_film(film.path, LONGEST)
        marks = film.marks(*image.shape)
        size, how = self.phase.size, self.recipe.augmentation
        square, marks, has_metal = augment_marked(image, marks, size, how, random)
        where = to_cells(marks)
        fractured = np.float32(film.fractured)
        if film.fractured and not (where == 1).any():
            fractured = UNCLEAR  # it was cut off
        hardware = float(film.hardware or has_metal)
        shown = np.array([name == film.projection for name in PROJECTIONS])
        answers = np.concatenate([[fractured, hardware], shown]).astype(np.float32)
        return to_input(square), where[..., None], answers


def to_cells(marks: GrayImage) -> NDArray[np.float32]:
    """Say which cells of the map a mark covers: 1, 0, or unclear at its edge.

    Args:
        marks: (S, S), 1 where something is marked.
    """
    side = len(marks) // STRIDE
    covered = resize(marks, side, side)
    cells = np.where(covered > 0, UNCLEAR, np.float32(0))
    least = min(COVERED, float(covered.max()) * 0.9)  # small ones cover no cell
    return np.where(covered > least, np.float32(1), cells).astype(np.float32)


def draw_weights(films: Sequence[MarkedFilm]) -> NDArray[np.float64]:
    """Probability of drawing each film, (N,): rare ones more often."""
    weights = np.array([RARE_WEIGHTS.get(film.projection, 1.0) for film in films])
    weights[[film.hardware for film in films]] *= HARDWARE_WEIGHT
    fractured = np.array([film.fractured for film in films])
    weights[fractured] *= FRACTURED_SHARE / weights[fractured].sum()
    weights[~fractured] *= (1 - FRACTURED_SHARE) / weights[~fractured].sum()
    return np.asarray(weights / weights.sum())
