"""Fitting a model card: everything in it that is not a measured figure."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...classify.classifier import Classifier
from ...classify.prepared import Picture
from ...classify.trust.second_reading import ASKED_BELOW, SECOND_COUNTS
from ...errors import ModelError
from ...network.card import make_card, read_card, second_readers_beside, write_card
from ...network.densenet.tail import Tail
from ...network.engines import choose_engine, make_engine
from ...network.weights import read_weights, sha256
from ..training.splits import Split
from .failures import copy_failures
from .fitting import (
    Fit,
    Measured,
    ask_second,
    compare_scores,
    draw_references,
    fit,
    measure,
    measure_poses,
)
from .protocols import Figures, data_figures, source_figures


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
    engine, tail = make_engine(choose_engine("auto"), arrays), Tail(arrays)
    plain = Classifier(engine, tail, card)
    references = measure(plain, draw_references(split.training, seed))
    validation = measure(plain, split.validation)
    networks = [_network(each) for each in second_readers_beside(weights)]
    if networks:
        card.content["second_reader"] = {"networks": networks}
    reader = card.second_reader(kept_from=split.name)
    second = ask_second(reader, split.validation) if reader else None
    posed = measure_poses(plain, references)
    found = fit(references, posed, validation, second)
    known = weights.with_name(f"{weights.stem}_known.npz")
    found.known.save(known)
    card.content.update(
        data=data_figures(split.training),
        calibration={
            "temperature": round(found.temperature, 4),
            "fitted_on": split.name,
            "films": len(validation.films),
        },
        parts={"threshold": found.part_threshold, "fitted_on": split.name},
        rejection={
            **_thresholds(found, split.name),
            "known_radiographs": len(references.films),
            "file": known.name,
            "sha256": sha256(known),
            "auroc_by_score": compare_scores(references, validation, strangers, plain),
            "rejected_if_source_unknown": _rejected_elsewhere(found),
        },
        seen_in_training=_seen(
            references, found.temperature, weights.parent / "failures"
        ),
    )
    if second is not None:
        card.content["second_reader"] |= {
            "temperature": round(found.second_temperature or 1.0, 4),
            "fitted_on": split.name,
            "asked_below": ASKED_BELOW,
            "counts": SECOND_COUNTS,
            "alone": source_figures(split.validation, second),
        }
    write_card(card)
    return Classifier(engine, tail, card, found.known, reader)


def _thresholds(found: Fit, name: str) -> Figures:
    """Say beyond which distances pictures are rejected, fitted on a named split."""
    unsure, surer = found.rejection_thresholds
    return {
        "score": "squared Hellinger distance of pooled features to the nearest "
        "known radiograph",
        "threshold": round(unsure, 5),
        "fitted_on": f"{name}, 1 % rejected",
        "threshold_surer": round(surer, 5),
        "surer_fitted_on": "each source but the home one, the others known, 5 % "
        "rejected",
    }


def _network(path: Path) -> Figures:
    """Say what one of the second reader's networks is."""
    return {
        "file": path.name,
        "sha256": sha256(path),
        "training": _said(path, "training"),
        "in_8_bits": _said(path, "in_8_bits"),
    }


def _said(weights: Path, what: str) -> Figures:
    """Repeat what a card beside weights says of them, if it does."""
    try:
        return dict(read_card(weights).content[what])
    except (ModelError, KeyError):
        return {}


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
