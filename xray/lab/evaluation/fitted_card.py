"""Fitting a model card: everything in it that is not a measured figure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...classify.classifier import Classifier
from ...classify.prepared import Picture
from ...network.card import Calibration, EnsembleSettings, Parts, Rejection
from ...network.densenet.tail import Tail
from ...network.ensemble import SecondNetwork
from ...network.openvino.engine import OpenVinoEngine
from ...network.weights import read_weights, sha256
from ..cards import make_card, second_beside
from ..training.dataset import Film
from ..training.splits import Split
from ..writing import write_card
from .failures import copy_failures
from .fitting import (
    SECOND_SHARE,
    Fit,
    Measured,
    compare_scores,
    draw_references,
    fit,
    measure,
    measure_poses,
)
from .protocols import Figures, data_figures, source_figures
from .references import save_references


def fit_card(
    weights: Path,
    split: Split,
    strangers: Mapping[str, Sequence[Picture]],
    left_out: Sequence[tuple[Path, Sequence[Film]]] = (),
) -> Classifier:
    """Fit calibration, parts and rejection to weights, and write their card.

    Args:
        weights: Their card is made if there is none; what it says of training
            is kept.
        split: Temperature and thresholds come from its validation films.
        strangers: Pictures that should be rejected, to compare scores on.
        left_out: Second networks that were trained without a source, and its films:
            temperature and thresholds come from these too.

    Returns:
        The classifier as it is served from now on.
    """
    arrays = read_weights(weights)
    card = make_card(weights)
    engine, tail = OpenVinoEngine(arrays), Tail(arrays)
    plain = Classifier(engine, tail, card)
    unknown = {films[0].source for _, films in left_out}
    kept_films = [film for film in split.training if film.source not in unknown]
    references = measure(plain, draw_references(kept_films))
    if (small := second_beside(weights)) is not None:
        settings = EnsembleSettings(small.name, sha256(small), SECOND_SHARE)
        card = replace(card, ensemble=settings)
    second = SecondNetwork.of(card)
    validation = measure(plain, split.validation, second=second)
    away = [
        measure(plain, films, second=SecondNetwork(path)) for path, films in left_out
    ]
    posed = measure_poses(plain, references)
    found = fit(references, posed, validation, away)
    fitted_on = ", ".join([split.name, *(f"without {each}" for each in unknown)])
    kept = weights.with_name(f"{weights.stem}_known.npz")
    save_references(found.references, kept)
    unsure, surer = found.rejection_thresholds
    seen = _seen(references, found.temperature, weights.parent / "failures")
    card = replace(
        card,
        calibration=Calibration(
            round(found.temperature, 4),
            fitted_on,
            len(validation.films) + sum(len(each.films) for each in away),
        ),
        parts=Parts(found.part_threshold, fitted_on),
        rejection=Rejection(
            kept.name,
            sha256(kept),
            round(unsure, 5),
            round(surer, 5),
            f"films of {', '.join(found.distances)}",
            len(references.films),
        ),
    ).with_figures(
        data=data_figures(split.training),
        rejection={
            "auroc_by_score": compare_scores(references, validation, strangers, plain),
            "rejected_if_source_unknown": _rejected_away(found),
        },
        seen_in_training=seen,
    )
    if validation.beside is not None:
        alone = source_figures(split.validation, validation.beside)
        card = card.with_figures(second_alone=alone)
    write_card(card)
    return Classifier(engine, tail, card, found.references, second)


def _rejected_away(found: Fit) -> Figures:
    """Say what would be rejected of each source, none of whose films are known."""
    unsure, surer = found.rejection_thresholds
    return {
        source: {
            "films": len(distances),
            "unsure": _share_above(distances, unsure),
            "surer": _share_above(distances, surer),
        }
        for source, distances in found.distances.items()
    }


def _seen(references: Measured, temperature: float, folder: Path) -> Figures:
    """Say how films are answered that the network was trained on."""
    return {
        "note": "the network was trained on these, so they say nothing of other "
        "hospitals",
        "sources": source_figures(references.films, references.logits),
        "failures": copy_failures(references, temperature, folder),
    }


def _share_above(distances: NDArray[np.float64], threshold: float) -> float:
    return round(float(np.mean(distances > threshold)), 4)
