"""Fitting the fast way: from where on the small network alone says what both say.

On films that trained neither network, as they are and changed, and on those of sources
that the small network was kept from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...classify.classifier import Classifier
from ...classify.prediction import Prediction
from ...classify.prepared import PreparedPicture
from ...classify.trust.confidence import MEDIUM_FROM, Band, band
from ...classify.trust.fast import FastWay
from ...classify.trust.references import References
from ...classify.trust.rejection import OodDetector
from ...network.card import Card, Fast, read_card
from ...network.ensemble import SecondNetwork
from ...network.weights import sha256
from ...reading.radiograph import Radiograph
from ..training.dataset import Film
from ..training.splits import Split
from ..writing import write_card
from .answers import over_films
from .calibration import fit_temperature, lowest_border
from .changes import CHANGES, Change, unchanged
from .fitting import draw_references
from .protocols import Figures
from .readme import write_readme
from .references import fit_detector, save_references

MOST_DIFFERENT = 0.002  # share of all films whose header's verdict may be another
UNFAMILIAR = 0.01  # share of films that both networks read for being unlike others
# As films are, and as they lie or look otherwise.
_CHANGED = ("turned 90°", "turned 180°", "turned 270°", "cropped to half", "metal")
ASKED: Mapping[str, Change] = {
    "unchanged": unchanged,
    **{name: CHANGES[name] for name in _CHANGED},
}
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class BothWays:
    """What the small network alone, and both together, said of N films."""

    films: Sequence[Film]
    logits: Array  # (N, 22), of the small one
    features: Array  # (N, 1280), its
    answers: Sequence[Prediction]  # of both
    known: OodDetector  # of the small one's reference films


def fit_fast(
    weights: Path,
    split: Split,
    left_out: Sequence[tuple[Path, Sequence[Film]]] = (),
) -> None:
    """Fit when the small network answers alone, into a card that is fitted otherwise.

    Args:
        weights: Of the first network. One without a second is left as it is.
        split: Its validation films are asked about, as they are and changed.
        left_out: Small networks that were trained without a source, and its films.
    """
    card = read_card(weights)
    served = SecondNetwork.of(card)
    if served is None:
        return
    unknown = {films[0].source for _, films in left_out}
    references = draw_references(
        [film for film in split.training if film.source not in unknown]
    )
    both = Classifier.load(weights, card="")
    known = _known(served, references)
    home = {
        name: ask_both_ways(both, served, known, split.validation, change)
        for name, change in ASKED.items()
    }
    away = {}
    for path, films in left_out:
        other, second = Classifier.load(weights, path, ""), SecondNetwork(path)
        found = ask_both_ways(other, second, _known(second, references), films)
        away[f"without {films[0].source}"] = found
    keep(card, known, split.name, home, away)


def ask_both_ways(
    classifier: Classifier,
    second: SecondNetwork,
    known: OodDetector,
    films: Sequence[Film],
    change: Change = unchanged,
) -> BothWays:
    """Ask the small network, and both as they are served, about films changed alike."""

    def ask(film: Radiograph) -> tuple[Array, Array, Prediction]:
        changed = replace(film, pixels=change(film.pixels))
        square = PreparedPicture.of(changed).square
        (found,) = classifier.explain_all([changed], top=0, busy=True)
        return *second.measure(square[None], busy=True), found.prediction

    logits, features, answers = zip(*over_films(films, ask), strict=True)
    return BothWays(
        films, np.concatenate(logits), np.concatenate(features), answers, known
    )


def keep(
    card: Card,
    known: OodDetector,
    split: str,
    home: Mapping[str, BothWays],
    away: Mapping[str, BothWays],
) -> None:
    """Choose the thresholds, and write them into the card and the README beside it.

    Home is what was said of the split's validation films, by `ASKED`, away what was
    said of films of sources that were left out.
    """
    assert card.ensemble is not None
    said = {**home, **away}
    confidence, distance, temperature = choose(
        [*said.values()], [home["unchanged"], *away.values()]
    )
    kept = card.path.with_name(f"{Path(card.ensemble.file).stem}_known.npz")
    save_references(References(known), kept)
    settings = Fast(
        kept.name,
        sha256(kept),
        round(temperature, 4),
        round(confidence, 6),
        round(distance, 5),
        ", ".join([f"{split}, as it is and changed", *away]),
        sum(len(each.films) for each in said.values()),
    )
    figures = {name: fast_figures(settings, each) for name, each in said.items()}
    card = replace(card, fast=settings).with_figures(fast=figures)
    write_card(card)
    write_readme(card)


def choose(
    said: Sequence[BothWays], calm: Sequence[BothWays]
) -> tuple[float, float, float]:
    """Choose from which confidence on, and up to which distance, one answer stands.

    Args:
        said: All answers that count.
        calm: Those to films as they are, which calibrate.

    Returns:
        Confidence, distance and temperature.
    """
    targets = [film.targets for each in calm for film in each.films]
    logits = np.concatenate([each.logits for each in calm])
    temperature = fit_temperature(logits, targets)
    distances = [each.known.distances(each.features) for each in calm]
    distance = float(np.quantile(np.concatenate(distances), 1 - UNFAMILIAR))
    settings = Fast("known.npz", "", temperature, MEDIUM_FROM, distance)
    alone, stand = _alone(settings, said)
    other = _differ(alone, [answer for each in said for answer in each.answers])
    confidences = alone.max(axis=1).astype(float)
    border = least_confidence(confidences[stand], other[stand], len(stand))
    return border, distance, temperature


def least_confidence(
    confidences: NDArray[np.float64], differ: NDArray[np.bool_], answers: int
) -> float:
    """Find from which confidence on few enough of all answers differ.

    Answers that may not stand alone count among all. 1, which none reaches, where
    nothing is proven.
    """
    found = lowest_border(confidences, differ, answers, MOST_DIFFERENT, MEDIUM_FROM)
    return 1.0 if found is None else found


def fast_figures(settings: Fast, said: BothWays) -> Figures:
    """Say how many films the small network answers alone, and otherwise than both."""
    alone, stand = _alone(settings, [said])
    differ = stand & _differ(alone, said.answers)
    colors = [band(each) for each in alone.max(axis=1).astype(float)]
    other = stand & [
        answer.band is not color
        for answer, color in zip(said.answers, colors, strict=True)
    ]
    return {
        "films": len(stand),
        "alone": round(float(np.mean(stand)), 4),
        "differ": int(differ.sum()),
        "other_color": int(other.sum()),
    }


def _alone(settings: Fast, said: Sequence[BothWays]) -> tuple[Array, NDArray[np.bool_]]:
    """Answer as `Inference.explain_fast` does: (N, 22), and which stand, (N,)."""
    found = [
        FastWay(settings, each.known).answer(each.logits, each.features)
        for each in said
    ]
    answers = np.concatenate([answer for answer, _ in found])
    stand = np.concatenate([each for _, each in found])
    faulty = [
        answer.rejected not in (None, "rejected_unfamiliar")
        for each in said
        for answer in each.answers
    ]
    return answers, stand & ~np.array(faulty)


def _differ(alone: Array, both: Sequence[Prediction]) -> NDArray[np.bool_]:
    """Say where both networks give a header another verdict, whatever it says.

    That is where they see another part, or are in doubt: what stands alone never is.
    """
    parts = alone.argmax(axis=1)
    return np.array(
        [
            answer.label != part or answer.band is Band.LOW
            for part, answer in zip(parts, both, strict=True)
        ]
    )


def _known(second: SecondNetwork, films: Sequence[Film]) -> OodDetector:
    """Keep a small network's features of reference films."""

    def look(film: Radiograph) -> Array:
        square = PreparedPicture.of(film).square
        return second.measure(square[None], busy=True)[1]

    return fit_detector(np.concatenate(list(over_films(films, look))))
