"""From trained folds to what is shipped: 8 bits, scaling, operating points, card."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ...image import GrayImage, to_square
from ...network.findings.card import FindingsCard, Scaling
from ...network.findings.graph import build
from ...network.findings.network import SIZE
from ...network.openvino.compiled import CompiledModel
from ...network.weights import Weights, read_weights, sha256
from ...reading.reader import read_image
from ...threads import in_order
from ..training.ranges import mean_ranges
from ..writing import write_card, write_weights
from .films import MarkedFilm
from .fitting import fit_scaling, fit_temperature
from .measure import (
    Figures,
    FilmLogits,
    false_alarms,
    fracture_auroc,
    measure,
    operating_points,
)
from .readme import draw_failures, write_readme

CALIBRATION_FILMS = 300
# What FracAtlas' films show, by the labels that 2,945 of them have in another table.
PARTS = (
    "Ankle",
    "Clavicles",
    "Elbow",
    "Feet",
    "Finger",
    "Forearm",
    "Hand",
    "Hip",
    "Knee",
    "Lower leg",
    "Pelvis",
    "Shoulder",
    "Thigh",
    "Wrist",
)


def answer(weights: Weights, films: Sequence[MarkedFilm]) -> FilmLogits:
    """Let a network answer films, in 8 bits if its weights have ranges."""
    model = CompiledModel(
        lambda: build(weights, SIZE).model(), SIZE, "THROUGHPUT", exact=True
    )
    found = [*in_order(lambda film: model.run(_picture(film), (0, 1)), films)]
    return FilmLogits(
        films,
        np.concatenate([each[0] for each in found]),
        np.concatenate([each[1][:, 0] for each in found]),
    )


def join(parts: Sequence[FilmLogits]) -> FilmLogits:
    """Put the answers of all folds together."""
    return FilmLogits(
        [film for each in parts for film in each.films],
        np.concatenate([each.film for each in parts]),
        np.concatenate([each.where for each in parts]),
    )


def in_8_bits(weights: Weights, films: Sequence[MarkedFilm]) -> Weights:
    """Add what enters each convolution on films that the network learned from."""
    pictures = map(_picture, films)
    return {
        **weights,
        **mean_ranges(build(weights, SIZE), SIZE, pictures),
    }


def ship(
    shipped: Path,
    folds: Mapping[int, Path],
    films: Sequence[MarkedFilm],
    *,
    unbroken: Sequence[MarkedFilm],
    out: Path,
    training: Mapping[str, object],
) -> FindingsCard:
    """Ship a network with what was measured of it, and of its recipe on all folds.

    Args:
        shipped: Its weights; it was kept from the first of the folds.
        folds: Weights of the first stage, by the fold that was kept from them.
        films: All films.
        unbroken: Films without fractures that it did not learn from.
        out: Where the weights go (.npz), and their card beside them.
        training: How they were made, for the card.

    Returns:
        The card, as it was written.
    """
    kept = {fold: [film for film in films if film.fold == fold] for fold in folds}
    first = next(iter(folds))
    full = read_weights(shipped)
    exact = answer(full, kept[first])
    learned = [film for film in films if film.fold != first]
    chosen = np.random.default_rng(0).permutation(len(learned))[:CALIBRATION_FILMS]
    new = out.with_suffix(".new.npz")
    write_weights(new, in_8_bits(full, [learned[i] for i in chosen]), small=True)
    served = answer(read_weights(new), kept[first])
    fracture = fit_scaling(served.film[:, 0], served.fractured)
    hardware = fit_scaling(served.film[:, 1], served.hardware)
    temperature = fit_temperature(served)
    points = operating_points(fracture.probability(served.film[:, 0]), served.fractured)
    figures = measure(served, fracture, temperature)
    figures["in_8_bits"] = _follows(served, exact, fracture)
    others = answer(read_weights(new), unbroken)
    figures["unbroken"] = false_alarms(others, fracture, hardware, points)
    failures = out.with_name("findings_failures")
    figures["failures"] = draw_failures(served, fracture, failures)
    every = [answer(read_weights(path), kept[fold]) for fold, path in folds.items()]
    together = join([scaled(each) for each in every])
    figures["cross_validated"] = measure(together, Scaling(), 1.0)
    card = FindingsCard(
        path=out.with_suffix(".json"),
        sha256=sha256(new),
        parts=PARTS,
        points=points,
        fracture=fracture,
        hardware=hardware,
        projection_temperature=round(temperature, 3),
        training={
            **training,
            "folds_measured": [*folds],
            "shipped_without_fold": first,
        },
        figures=figures,
    )
    new.replace(out)
    write_card(card)
    write_readme(card)
    return card


def scaled(answers: FilmLogits) -> FilmLogits:
    """Scale one network's logits, so that other networks' can stand beside them."""
    film = answers.film.copy()
    for column, truth in ((0, answers.fractured), (1, answers.hardware)):
        scaling = fit_scaling(film[:, column], truth)
        film[:, column] = scaling.slope * film[:, column] + scaling.offset
    film[:, 2:] /= fit_temperature(answers)
    return FilmLogits(answers.films, film, answers.where)


def _follows(eight: FilmLogits, full: FilmLogits, scaling: Scaling) -> Figures:
    """Compare 8 bits with full precision on the same films."""
    areas = [fracture_auroc(each) for each in (eight, full)]
    ours, theirs = (scaling.probability(each.film[:, 0]) for each in (eight, full))
    named = eight.film[:, 2:].argmax(axis=1) == full.film[:, 2:].argmax(axis=1)
    return {
        "auroc": round(areas[0], 4),
        "auroc_in_full": round(areas[1], 4),
        "same_projection": round(float(named.mean()), 4),
        "probability_differs_by_p99": round(
            float(np.quantile(np.abs(ours - theirs), 0.99)), 4
        ),
    }


def _picture(film: MarkedFilm) -> GrayImage:
    return to_square(read_image(film.path), SIZE)[None, None] * 2 - 1
