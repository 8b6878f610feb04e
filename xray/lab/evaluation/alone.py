"""Measuring a network by itself: what a recipe reaches on films it was kept from.

The served pair of networks can't be measured on every film: the first one has learned
from all sources. A network of the ensemble trained anew without some of them can.
"""

from collections.abc import Sequence
from pathlib import Path

from ...classify.prediction import Prediction
from ...errors import ModelError
from ...network.card import Card
from ...network.ensemble import Ensemble
from ..training.dataset import FOLDS, Film
from ..training.splits import Split, fold_name
from .answers import Answers
from .fitting import ask_ensemble
from .protocols import Figures, accuracy_figures


def measure_alone(weights: Path, split: Split) -> tuple[Answers, Figures]:
    """Measure a network of the ensemble alone, uncalibrated.

    Args:
        weights: Its file (.npz).
        split: What it is measured on.

    Raises:
        ImageError: A film can't be read.
        ModelError: The weights can't be read, or are of another network.
    """
    answers = _ask(Ensemble([weights]), split.validation)
    return answers, {"reader": "second, alone", "accuracy": accuracy_figures(answers)}


def measure_folds(card: Card, split: Split) -> tuple[Answers, Figures]:
    """Measure a card's ensemble alone, each network on the patients it never saw.

    Args:
        card: Of the first network.
        split: Films of every fold.

    Raises:
        ImageError: A film can't be read.
        ModelError: Some fold was in every one's training, or weights can't be read.
    """
    found = []
    by_fold: Figures = {}
    for fold in range(FOLDS):
        films = [film for film in split.validation if film.fold == fold]
        if not films:
            continue
        name = fold_name(fold)
        reader = Ensemble.of(card, name)
        if reader is None or not card.members(kept_from=name):
            raise ModelError(
                f"Expected a network that was trained without {name} beside "
                f"{card.path.name}, found none. Train one with --fold {fold}."
            )
        found.append(_ask(reader, films))
        by_fold[name] = accuracy_figures(found[-1])["any_label"]
    answers = Answers(
        [film for each in found for film in each.films],
        [answer for each in found for answer in each.predictions],
    )
    accuracy = accuracy_figures(answers)
    return answers, {"reader": "second, alone", "accuracy": accuracy, "folds": by_fold}


def _ask(reader: Ensemble, films: Sequence[Film]) -> Answers:
    return Answers(films, [Prediction(row) for row in ask_ensemble(reader, films)])
