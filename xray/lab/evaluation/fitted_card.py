"""Fitting a model card: everything in it that is not a measured figure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...classify.classifier import Classifier
from ...classify.prepared import Picture
from ...network.card import (
    Calibration,
    EnsembleSettings,
    Member,
    Parts,
    Rejection,
    ensemble_beside,
    make_card,
    write_card,
)
from ...network.densenet.tail import Tail
from ...network.ensemble import Ensemble
from ...network.openvino.engine import OpenVinoEngine
from ...network.weights import read_weights, sha256
from ..training.splits import Split
from .failures import copy_failures
from .fitting import (
    Fit,
    Measured,
    ask_ensemble,
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
    seed: int = 0,
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
    engine, tail = OpenVinoEngine(arrays), Tail(arrays)
    plain = Classifier(engine, tail, card)
    references = measure(plain, draw_references(split.training, seed))
    validation = measure(plain, split.validation)
    members = tuple(
        Member(each.name, sha256(each)) for each in ensemble_beside(weights)
    )
    if members:
        card = replace(card, ensemble=EnsembleSettings(members))
    ensemble = Ensemble.of(card, kept_from=split.name)
    second = ask_ensemble(ensemble, split.validation) if ensemble else None
    posed = measure_poses(plain, references)
    found = fit(references, posed, validation, second, card.ensemble)
    kept = weights.with_name(f"{weights.stem}_known.npz")
    save_references(found.references, kept)
    unsure, surer = found.rejection_thresholds
    seen = _seen(references, found.temperature, weights.parent / "failures")
    card = replace(
        card,
        calibration=Calibration(
            round(found.temperature, 4), split.name, len(validation.films)
        ),
        parts=Parts(found.part_threshold, split.name),
        rejection=Rejection(
            kept.name,
            sha256(kept),
            round(unsure, 5),
            round(surer, 5),
            f"{split.name}, 1 % rejected",
            "each source but the home one, the others known, 5 % rejected",
            len(references.films),
        ),
    ).with_figures(
        data=data_figures(split.training),
        rejection={
            "auroc_by_score": compare_scores(references, validation, strangers, plain),
            "rejected_if_source_unknown": _rejected_elsewhere(found),
        },
        seen_in_training=seen,
    )
    if second is not None and card.ensemble is not None:
        temperature = round(found.second_temperature or 1.0, 4)
        settings = replace(card.ensemble, temperature=temperature, fitted_on=split.name)
        alone = source_figures(split.validation, second)
        card = replace(card, ensemble=settings).with_figures(ensemble_alone=alone)
    write_card(card)
    return Classifier(engine, tail, card, found.references, ensemble)


def _rejected_elsewhere(found: Fit) -> Figures:
    """Say what would be rejected of each source if none of its films were known."""
    unsure, surer = found.rejection_thresholds
    return {
        source: {
            "films": len(distances),
            "unsure": _share_above(distances, unsure),
            "surer": _share_above(distances, surer),
        }
        for source, distances in found.elsewhere.items()
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
