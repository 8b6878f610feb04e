"""One evaluation from films to card: what `xray evaluate` does."""

import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..classifier import Classifier
from ..errors import ModelError
from ..network.card import Card, make_card, read_card, write_card
from ..network.engines import choose_engine, make_engine
from ..network.tail import Tail
from ..network.weights import full_weights, read_weights, sha256
from ..picture import Picture
from ..reading.files import read_file, walk
from ..reading.reading import read_radiograph
from ..training.curves import draw_curves
from ..training.splits import Split
from ..trust.confidence import softmax
from .answers import Answers, answer, over_films, predict
from .changes import CHANGES, unchanged
from .fitting import (
    Measured,
    compare_scores,
    draw_references,
    fit,
    measure,
    measure_poses,
)
from .metrics import is_near
from .protocols import (
    Figures,
    accuracy_figures,
    calibration_figures,
    change_figures,
    data_figures,
    part_figures,
    source_figures,
    stranger_figures,
)
from .readme import write_readme
from .report import draw_pictures
from .strangers import make_strangers

Strangers = Mapping[str, Sequence[Picture]]
FAILURES = 4  # pictures of them in the card
FREE = "CC BY 4.0"  # the license of films that may be shown in it
EXPLAINED = 24  # films whose maps are checked; each takes some 60 passes


def fit_card(
    weights: Path, split: Split, strangers: Strangers, seed: int = 0
) -> Classifier:
    """Fit calibration, parts and rejection to weights, and write their card.

    Args:
        weights: Their card is made if there is none; what it says of training
            is kept.
        split: Temperature and thresholds come from its validation films.
        strangers: Pictures that should be rejected, to compare scores on.
        seed: Of the choice of reference films.

    Returns:
        The classifier as it is served from now on.
    """
    arrays = read_weights(weights)
    card = make_card(weights)
    engine = make_engine(choose_engine("auto"), arrays)
    plain = Classifier(engine, Tail(arrays), card)
    references = measure(plain, draw_references(split.training, seed))
    validation = measure(plain, split.validation)
    found = fit(references, measure_poses(plain, references), validation)
    known = weights.with_name(f"{weights.stem}_known.npz")
    found.known.save(known)
    card.content["data"] = data_figures(split.training)
    card.content["calibration"] = {
        "temperature": round(found.temperature, 4),
        "fitted_on": split.name,
        "films": len(validation.films),
    }
    card.content["parts"] = {
        "threshold": found.part_threshold,
        "fitted_on": split.name,
    }
    card.content["rejection"] = {
        "score": "squared Hellinger distance of pooled features to the nearest "
        "known radiograph",
        "threshold": round(found.rejection_thresholds[0], 5),
        "fitted_on": f"{split.name}, 1 % rejected",
        "threshold_surer": round(found.rejection_thresholds[1], 5),
        "surer_fitted_on": "each source but the home one, the others known, 5 % "
        "rejected",
        "known_radiographs": len(references.films),
        "file": known.name,
        "sha256": sha256(known),
        "auroc_by_score": compare_scores(references, validation, strangers, plain),
        "rejected_if_source_unknown": {
            source: {
                "films": len(distances),
                "unsure": _share_above(distances, found.rejection_thresholds[0]),
                "surer": _share_above(distances, found.rejection_thresholds[1]),
            }
            for source, distances in found.elsewhere.items()
        },
    }
    card.content["seen_in_training"] = {
        "note": "the network was trained on these, so they say nothing of other "
        "hospitals",
        "sources": source_figures(references.films, references.logits),
        "failures": _failures(
            references, found.temperature, weights.parent / "failures"
        ),
    }
    write_card(card)
    return Classifier(engine, Tail(arrays), card, found.known)


def record_training(card: Card, run: Path) -> None:
    """Put a training run's log and curves beside the card, and its facts into it.

    Args:
        card: Of the weights that the run made.
        run: Its folder, with `log.csv` and the card that `xray train` wrote.

    Raises:
        ModelError: There is no such log or card.
    """
    made = read_card(run / "best.npz", check=False).content.get("training", {})
    card.content["training"] = dict(made)
    log = card.path.with_name(f"{card.path.stem}_log.csv")
    try:
        shutil.copyfile(run / "log.csv", log)
    except OSError as error:
        raise ModelError(
            f"Expected log.csv in {run}, could not read it: {error}. "
            "Name the folder given to `xray train --out`."
        ) from error
    draw_curves(log, card.path.with_name("curves.png"))
    with log.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    card.content["training"]["epochs"] = len(rows)
    if rows and "val_accuracy" in rows[0]:
        best = max(rows, key=lambda row: float(row["val_accuracy"]))
        card.content["training"]["best_epoch"] = int(best["epoch"])
    card.content["training"]["log"] = log.name
    write_card(card)


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
    again = [each.looks > 1 for each in plain.predictions]
    return plain, {
        "accuracy": accuracy_figures(plain),
        "rejected": round(float(np.mean(rejected)), 4),
        "looked_at_again": round(float(np.mean(again)), 4),
        "calibration": calibration_figures(plain, classifier.card.temperature),
        "parts": part_figures(plain, classifier.card.part_threshold),
        "changes": change_figures(plain, answers),
        "strangers": stranger_figures(predictions),
    }


def measure_explanations(classifier: Classifier, split: Split) -> Figures:
    """Check the maps of some validation films, one after the other by patient."""
    from ..explanation.checks import check_explanations

    one_a_patient = {film.group: film for film in split.validation}
    films = list(one_a_patient.values())[:EXPLAINED]
    pictures = list(over_films(films, lambda film: film))
    weights = read_weights(full_weights(classifier.card.path.with_suffix(".npz")))
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


def publish(card: Card, split: Split, figures: Figures, answers: Answers) -> None:
    """Write figures into the card, and the README and pictures beside it.

    Args:
        card: Of the weights that were measured.
        split: What they were measured on.
        figures: All of them, with the command that measured them.
        answers: To the films as they are.
    """
    card.content.setdefault("figures", {})[split.name] = figures
    write_card(card)
    draw_pictures(card.path.parent, answers)
    write_readme(card)


def _share_above(distances: NDArray[np.float64], threshold: float) -> float:
    return round(float(np.mean(distances > threshold)), 4)


def _failures(references: Measured, temperature: float, folder: Path) -> list[Figures]:
    """Copy the surest wrong answers among freely licensed films beside the card."""
    targets = [film.targets for film in references.films]
    probabilities = softmax(references.logits, temperature)
    confidences = probabilities.max(axis=1)
    wrong = ~is_near(probabilities, targets)
    shutil.rmtree(folder, ignore_errors=True)
    chosen: list[Figures] = []
    seen_labels: set[int] = set()
    for index in np.argsort(-confidences):
        film = references.films[index]
        if not wrong[index] or film.license != FREE or film.targets[0] in seen_labels:
            continue
        seen_labels.add(film.targets[0])
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{film.source}_{film.path.name}"
        shutil.copyfile(film.path, folder / name)
        chosen.append(
            {
                "file": f"{folder.name}/{name}",
                "source": film.source,
                "label": film.targets[0],
                "answer": int(probabilities[index].argmax()),
                "confidence": round(float(confidences[index]), 3),
            }
        )
        if len(chosen) == FAILURES:
            break
    return chosen
