"""Which films train and which measure: the protocols of training and evaluation."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import DatasetError
from ...network.card import Training
from .dataset import HOME, Film, split

LOCAL_SAMPLE = "local-sample"  # source of films drawn at random by `xray review`
RANDOM_REVIEW = "reviewed films drawn at random"


@dataclass(frozen=True, slots=True)
class Split:
    """Films that train and films that measure, and how they were chosen."""

    name: str  # as the model card lists it
    training: Sequence[Film]
    validation: Sequence[Film]
    may_pick: bool = True  # whether the films that measure also pick the best epoch


def by_patient(
    films: Sequence[Film], fold: int, sources: Sequence[str] | None = None
) -> Split:
    """Keep a fold of patients, of some sources or all; below 0, train on everything."""
    if fold < 0:
        return Split("all films", *split(films, None, sources))
    return Split(fold_name(fold), *split(films, fold, sources))


def fold_name(fold: int) -> str:
    """Name the split that keeps a fold of patients."""
    return f"fold {fold} by patient"


def by_review(films: Sequence[Film]) -> Split:
    """Measure on an archive's own films: those drawn at random, if there are any.

    The others were looked at because header and picture differ, and say little of the
    whole archive.
    """
    drawn = [film for film in films if film.source == LOCAL_SAMPLE]
    if drawn:
        return Split(RANDOM_REVIEW, (), drawn)
    return Split("films of the review's queue", (), films)


def by_film(films: Sequence[Film], sources: Sequence[str] = (), seed: int = 0) -> Split:
    """Split as the original project did: single-label home films at random.

    Films of one patient may stand on both sides, so that the figure flatters; it
    is only for comparison with other figures taken that way. The original had no other
    sources to train on.
    """
    chosen = [film for film in films if film.source == HOME and film.single]
    random.Random(seed).shuffle(chosen)
    held_out = round(len(chosen) / 5)
    away = [
        film
        for film in films
        if film.source != HOME and film.source in sources and not film.suspect
    ]
    training = [*chosen[held_out:], *away]
    return Split("films at random", training, chosen[:held_out])


def by_source(
    films: Sequence[Film], source: str | None, others: Sequence[str] | None = None
) -> Split:
    """Keep one source: the stand-in for another hospital.

    Its films pick no epoch: nobody has films of the hospital that comes next.

    Args:
        films: The whole data set.
        source: The one to measure on; suspect labels train nothing.
        others: Sources to train on; None is all the others.

    Raises:
        DatasetError: The data set has no such source.
    """
    sources = sorted({film.source for film in films})
    others = sources if others is None else others
    if source not in sources:
        received = "none" if source is None else repr(source)
        raise DatasetError(
            f"Expected a source of {', '.join(sources)} to leave out. "
            f"Received: {received}"
        )
    training = [
        film
        for film in films
        if film.source != source and film.source in others and not film.suspect
    ]
    validation = [film for film in films if film.source == source]
    return Split(f"without {source}", training, validation, may_pick=False)


def was_seen(split: Split, training: Training) -> bool:
    """Say whether a network may have learned from the films that measure."""
    if training.protocol == split.name:
        return False
    sources = {film.source for film in split.validation}
    return not sources.isdisjoint(training.films_by_source or sources)
