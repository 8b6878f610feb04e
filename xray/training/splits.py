"""Which films train and which measure: the protocols of training and evaluation."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import DatasetError
from .dataset import HOME, Film, split


@dataclass(frozen=True, slots=True)
class Split:
    """Films that train and films that measure, and how they were chosen."""

    name: str  # as the model card lists it
    training: Sequence[Film]
    validation: Sequence[Film]


def by_patient(
    films: Sequence[Film], fold: int, sources: Sequence[str] | None = None
) -> Split:
    """Keep a fold of patients; below 0, train on everything.

    Args:
        films: The whole data set.
        fold: The fold to measure on.
        sources: Sources to train on; None is all of them.
    """
    if fold < 0:
        return Split("all films", *split(films, None, sources))
    return Split(f"fold {fold} by patient", *split(films, fold, sources))


def by_film(films: Sequence[Film], seed: int = 0, share: float = 0.2) -> Split:
    """Split as the original project did: single-label home films at random.

    Films of one patient may stand on both sides, so that the figure flatters; it
    is only for comparison with other figures taken that way.

    Args:
        films: The whole data set.
        seed: Of the draw.
        share: Of the films that measure.
    """
    chosen = [film for film in films if film.source == HOME and film.single]
    random.Random(seed).shuffle(chosen)
    held_out = round(share * len(chosen))
    return Split("films at random", chosen[held_out:], chosen[:held_out])


def by_source(films: Sequence[Film], source: str | None) -> Split:
    """Keep one source: the stand-in for another hospital.

    Args:
        films: The whole data set.
        source: The one to measure on; suspect labels train nothing.

    Raises:
        DatasetError: The data set has no such source.
    """
    sources = sorted({film.source for film in films})
    if source not in sources:
        received = "none" if source is None else repr(source)
        raise DatasetError(
            f"Expected a source of {', '.join(sources)} to leave out. "
            f"Received: {received}"
        )
    training = [film for film in films if film.source != source and not film.suspect]
    validation = [film for film in films if film.source == source]
    return Split(f"without {source}", training, validation)
