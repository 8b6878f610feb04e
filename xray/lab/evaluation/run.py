"""The steps of one evaluation: gather, measure, publish."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ...classify.classifier import Classifier
from ...classify.prepared import Picture
from ...errors import ModelError
from ...network.card import Card
from ...network.weights import read_weights
from ...reading.files import read_file, walk
from ...reading.reader import read_radiograph
from ..training.splits import Split
from ..writing import write_card
from .answers import Answers, answer, over_films, predict
from .changes import CHANGES, unchanged
from .output import draw_pictures
from .protocols import (
    Figures,
    accuracy_figures,
    calibration_figures,
    change_figures,
    part_figures,
    stranger_figures,
)
from .readme import write_readme
from .strangers import make_strangers

Strangers = Mapping[str, Sequence[Picture]]
EXPLAINED = 24  # films whose maps are checked; each takes some 60 passes


def measure_split(
    classifier: Classifier, split: Split, strangers: Strangers
) -> tuple[Answers, Figures]:
    """Measure the served classifier by every protocol that needs no training."""
    answers = answer(classifier, split.validation, {"unchanged": unchanged, **CHANGES})
    plain = answers.pop("unchanged")
    predictions = {
        kind: predict(classifier, pictures) for kind, pictures in strangers.items()
    }
    rejected = [each.rejected is not None for each in plain.predictions]
    again = [each.views > 1 for each in plain.predictions]
    return plain, {
        "accuracy": accuracy_figures(plain),
        "rejected": round(float(np.mean(rejected)), 4),
        "looked_at_again": round(float(np.mean(again)), 4),
        "calibration": calibration_figures(
            plain, classifier.card.calibration.temperature
        ),
        "parts": part_figures(plain, classifier.card.parts.threshold),
        "changes": change_figures(plain, answers),
        "strangers": stranger_figures(predictions),
    }


def measure_explanations(classifier: Classifier, split: Split) -> Figures:
    """Check the maps of some validation films, one after the other by patient."""
    from .explanation_checks import check_explanations

    one_a_patient = {film.group: film for film in split.validation}
    films = list(one_a_patient.values())[:EXPLAINED]
    pictures = list(over_films(films, lambda film: film))
    weights = read_weights(classifier.card.weights)
    return check_explanations(classifier, weights, pictures)


def gather_strangers(folder: Path | None) -> Strangers:
    """Collect pictures that are no radiographs: made in code, and from a folder.

    Args:
        folder: Each sub-folder is a kind of its own; None adds nothing.

    Raises:
        ImageError: A file in the folder can't be read.
    """
    found: dict[str, Sequence[Picture]] = {}
    for kind in sorted(folder.iterdir()) if folder else ():
        found[kind.name] = [read_radiograph(read_file(path)) for path in walk([kind])]
    return {**make_strangers(), **found}


def publish_left_out(card: Card, second: Card, split: Split, figures: Figures) -> None:
    """Write what the ensemble reaches on films that neither network learned from.

    Args:
        card: Of the served weights; the README beside it is written anew.
        second: Of the second network, trained anew without the films.
        split: What it was kept from and measured on.
        figures: Of `measure_split`, with the command that measured them.

    Raises:
        ModelError: A network may have learned from the films that measure.
    """
    if figures["seen_in_training"]:
        raise ModelError(
            f"Expected networks trained without the films of {split.name}, these may "
            "have learned from them. Train a second network with the same --protocol."
        )
    accuracy = dict(figures["accuracy"])
    del accuracy["confusion"]  # long, and mostly 0
    accuracy["classes"] = [row for row in accuracy["classes"] if row["films"]]
    made = {"kept_out": split.name, "training": second.training.facts()}
    found = figures | {"accuracy": accuracy} | made
    left_out = {**card.figures.get("left_out", {}), split.name: found}
    card = card.with_figures(left_out=left_out)
    write_card(card)
    write_readme(card)


def publish(card: Card, split: Split, figures: Figures, answers: Answers) -> None:
    """Write figures into the card, and the README and pictures beside it."""
    splits = {**card.figures.get("splits", {}), split.name: figures}
    card = card.with_figures(splits=splits)
    write_card(card)
    draw_pictures(card.path.parent, answers)
    write_readme(card)
