"""Fitting what the card holds beside the weights, on films that trained nothing.

Temperature, the threshold for further parts and the rejection threshold of unsure
films come from the validation films; the features of reference films, and the
threshold of surer films, which leaves a source out at a time, from training films.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...classify.classifier import Classifier
from ...classify.prepared import Picture, PreparedPicture
from ...classify.trust.confidence import SMALLEST, recalibrate, softmax
from ...classify.trust.pose import POSES
from ...classify.trust.references import References
from ...classify.trust.views import needs_ensemble, together
from ...network.card import EnsembleSettings
from ...network.ensemble import Ensemble
from ...reading.radiograph import Radiograph
from ..training.dataset import HOME, Film
from .answers import over_films
from .calibration import fit_temperature, fit_threshold
from .changes import Change, invert, turn_90, turn_180, turn_270, unchanged
from .metrics import auroc
from .references import class_spread, fit_detector, fit_poses, principal_axes

LAID = 500  # films that are laid in every pose
LAID_AS: dict[str, Change] = {
    "turned_90": turn_90,
    "turned_180": turn_180,
    "turned_270": turn_270,
    "inverted": invert,
}
REFERENCES = 1500  # films; more make the file larger, hardly the fit better
FEWEST_ELSEWHERE = 10  # films of a source that says something
FALSE_REJECTIONS = 0.01  # share of the validation films
FALSE_REJECTIONS_AWAY = 0.05  # of surer answers to films of unknown sources
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What the network computed for N films."""

    films: Sequence[Film]
    logits: Array  # (N, 22)
    features: Array  # (N, 1920)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What was fitted."""

    temperature: float
    second_temperature: float | None  # None where one network reads alone
    part_threshold: float
    references: References
    rejection_thresholds: tuple[float, float]  # for unsure and for surer answers
    elsewhere: dict[str, NDArray[np.float64]]  # see `distances_elsewhere`


def measure(
    classifier: Classifier, films: Sequence[Film], change: Change = unchanged
) -> Measured:
    """Run films through the network, changed or as they are."""

    def compute(film: Radiograph) -> tuple[Array, Array]:
        changed = replace(film, pixels=change(film.pixels))
        return classifier.measure([changed], busy=True)

    found = over_films(films, compute)
    logits, features = (np.concatenate(each) for each in zip(*found, strict=True))
    return Measured(films, logits, features)


def measure_poses(classifier: Classifier, references: Measured) -> list[Array]:
    """Lay some reference films in every pose: for each of `POSES`, (M, 1920)."""
    step = max(1, len(references.films) // LAID)
    films = references.films[::step]
    laid = [measure(classifier, films, LAID_AS[pose.key]) for pose in POSES[1:]]
    return [references.features[::step], *(each.features for each in laid)]


def draw_references(training: Sequence[Film], seed: int = 0) -> list[Film]:
    """Draw the films whose features stand for known radiographs.

    Half of them from the home source, the others from everywhere else.
    """
    random = np.random.default_rng(seed)
    home = [film for film in training if film.source == HOME]
    away = [film for film in training if film.source != HOME]
    chosen: list[Film] = []
    for films, room in (
        (home, max(REFERENCES // 2, REFERENCES - len(away))),
        (away, max(REFERENCES // 2, REFERENCES - len(home))),
    ):
        order = random.permutation(len(films))[:room]
        chosen += [films[i] for i in order]
    return chosen


def ask_ensemble(ensemble: Ensemble, films: Sequence[Film]) -> Array:
    """Let the ensemble answer films: (N, 22), uncalibrated."""

    def ask(film: Radiograph) -> Array:
        picture = PreparedPicture.of(film)
        return ensemble.answers(picture.square[None], lambda _: picture.closer().square)

    return np.concatenate(list(over_films(films, ask)))


def fit(
    references: Measured,
    posed: Sequence[Array],
    validation: Measured,
    second: Array | None = None,
    settings: EnsembleSettings | None = None,
) -> Fit:
    """Fit temperatures, thresholds and what is kept of known radiographs.

    Args:
        references: Known radiographs.
        posed: Some of them in every pose, see `measure_poses`.
        validation: Films that trained nothing.
        second: What the ensemble says of them, (N, 22), uncalibrated.
        settings: When it is asked, and how much it counts.
    """
    targets = [film.targets for film in validation.films]
    temperature = fit_temperature(validation.logits, targets)
    probabilities = softmax(validation.logits, temperature)
    second_temperature = None
    if second is not None and settings is not None:
        logits = np.log(np.maximum(second, SMALLEST))
        second_temperature = fit_temperature(logits, targets)
        asked = needs_ensemble(probabilities, settings)
        answers = recalibrate(second[asked], second_temperature)
        probabilities[asked] = together(probabilities[asked], answers, settings)
    detector = fit_detector(references.features)
    distances = detector.distances(validation.features)
    unsure = float(np.quantile(distances, 1 - FALSE_REJECTIONS))
    elsewhere = distances_elsewhere(references)
    away = [each for source, each in elsewhere.items() if source != HOME]
    surer = unsure
    if away:
        surer = float(np.quantile(np.concatenate(away), 1 - FALSE_REJECTIONS_AWAY))
    return Fit(
        temperature,
        second_temperature,
        fit_threshold(probabilities, targets),
        References(detector, fit_poses(posed)),
        (unsure, max(unsure, surer)),
        elsewhere,
    )


def distances_elsewhere(references: Measured) -> dict[str, NDArray[np.float64]]:
    """Measure how far each source's films lie from all other sources' films.

    What a hospital looks like that nobody has seen, as far as the network's own
    training on that source allows.

    Returns:
        Distances by source, of those with at least 10 films.
    """
    sources = np.array([film.source for film in references.films])
    found = {}
    for source in np.unique(sources):
        here = sources == source
        if here.sum() >= FEWEST_ELSEWHERE and not here.all():
            others = fit_detector(references.features[~here])
            found[str(source)] = others.distances(references.features[here])
    return found


def compare_scores(
    references: Measured,
    validation: Measured,
    strangers: Mapping[str, Sequence[Picture]],
    classifier: Classifier,
) -> dict[str, float]:
    """Measure how well each score tells strangers from validation films: AUROC.

    Args:
        references: Known radiographs.
        validation: Films that should be let through.
        strangers: Pictures that should not, by kind.
        classifier: Whose features are compared.
    """
    pictures = [picture for kind in strangers.values() for picture in kind]
    logits, features = classifier.measure(pictures)
    detector = fit_detector(references.features)
    labels = np.array([film.targets[0] for film in references.films])
    class_means = _ClassMeans(references.features, labels)
    found = {
        "nearest neighbor": auroc(
            detector.distances(validation.features), detector.distances(features)
        ),
        "Mahalanobis": auroc(
            class_means.distances(validation.features), class_means.distances(features)
        ),
        "energy": auroc(_energy(validation.logits), _energy(logits)),
    }
    return {name: round(value, 4) for name, value in found.items()}


class _ClassMeans:
    """Distance to the nearest class mean (Lee et al. 2018, arXiv 1807.03888)."""

    def __init__(self, features: Array, labels: NDArray[np.int64]) -> None:
        self.center, self.axes = principal_axes(features)
        along = (features - self.center) @ self.axes
        self.means, covariance = class_spread(along, labels, ridge=1e-3)
        self.precision = np.linalg.inv(covariance)

    def distances(self, features: Array) -> NDArray[np.float64]:
        """Squared Mahalanobis distance: (N,)."""
        along = (features - self.center) @ self.axes
        offsets = along[:, None] - self.means
        squares = np.einsum("nci,ij,ncj->nc", offsets, self.precision, offsets)
        return np.asarray(squares.min(axis=1), np.float64)


def _energy(logits: Array) -> NDArray[np.float64]:
    """Liu et al. 2020, arXiv 2010.03759, eq. 4."""
    top = logits.max(axis=1)
    sums = np.exp(logits - top[:, None]).sum(axis=1)
    return np.asarray(-(top + np.log(sums)), np.float64)
