"""Fitting what the card holds beside the weights, on films that trained nothing.

Temperature and the threshold for further parts come from validation films: of home
patients, and of sources that were left out of training, as far as there are networks
that were trained so. The features of reference films are those of training films; from
how far the films of left-out sources lie from them come the rejection thresholds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...classify.classifier import Classifier
from ...classify.prepared import Picture, PreparedPicture
from ...classify.trust.confidence import softmax
from ...classify.trust.pose import POSES
from ...classify.trust.references import References
from ...classify.trust.views import together
from ...labels import OTHERS
from ...network.ensemble import SecondNetwork
from ...reading.radiograph import Radiograph
from ..training.dataset import HOME, Film
from .answers import over_films
from .calibration import fit_temperature, fit_threshold
from .changes import Change, invert, turn_90, turn_180, turn_270, unchanged
from .metrics import auroc
from .references import class_spread, fit_detector, fit_poses, principal_axes

LAID = 300  # films that are laid in every pose
LAID_AS: dict[str, Change] = {
    "turned_90": turn_90,
    "turned_180": turn_180,
    "turned_270": turn_270,
    "inverted": invert,
}
REFERENCES = 1500  # films; more make the file larger, hardly the fit better
SECOND_SHARE = 0.8  # of the answer; abroad more is better, at home a little less
# Shares of films of unknown sources, were all of them unsure and were all surer.
FALSE_REJECTIONS = 0.04
FALSE_REJECTIONS_SURER = 0.005
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What the networks computed for N films."""

    films: Sequence[Film]
    logits: Array  # (N, 22), of the first network
    features: Array  # (N, 1920), its
    beside: Array | None = None  # (N, 22), of the second network, where there is one

    @property
    def mixed(self) -> Array:
        """Logits (N, 22) of the ensemble, before calibration."""
        if self.beside is None:
            return self.logits
        return together(self.logits, self.beside, SECOND_SHARE)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What was fitted."""

    temperature: float
    part_threshold: float
    references: References
    rejection_thresholds: tuple[float, float]  # for unsure and for surer answers
    distances: dict[str, NDArray[np.float64]]  # by source, of films that it fits


def measure(
    classifier: Classifier,
    films: Sequence[Film],
    change: Change = unchanged,
    second: SecondNetwork | None = None,
) -> Measured:
    """Run films through both networks, changed or as they are."""

    def compute(film: Radiograph) -> tuple[Array, ...]:
        changed = replace(film, pixels=change(film.pixels))
        found = classifier.measure([changed], busy=True)
        if second is None:
            return found
        square = PreparedPicture.of(changed).square
        return *found, second.logits(square[None], busy=True)

    found = over_films(films, compute)
    return Measured(films, *map(np.concatenate, zip(*found, strict=True)))


def measure_poses(classifier: Classifier, references: Measured) -> list[Array]:
    """Lay some reference films in every pose: for each of `POSES`, (M, 1920)."""
    step = max(1, len(references.films) // LAID)
    films = references.films[::step]
    laid = [measure(classifier, films, LAID_AS[pose.key]) for pose in POSES[1:]]
    return [references.features[::step], *(each.features for each in laid)]


def draw_references(training: Sequence[Film]) -> list[Film]:
    """Draw the films whose features stand for known radiographs.

    Half of them from the home source, the others from everywhere else, but for what
    shows none of the parts there: mammograms, slices, photographs.
    """
    random = np.random.default_rng(0)
    home = [film for film in training if film.source == HOME]
    away = [
        film for film in training if film.source != HOME and film.targets[0] != OTHERS
    ]
    chosen: list[Film] = []
    for films, room in (
        (home, max(REFERENCES // 2, REFERENCES - len(away))),
        (away, max(REFERENCES // 2, REFERENCES - len(home))),
    ):
        order = random.permutation(len(films))[:room]
        chosen += [films[i] for i in order]
    return chosen


def fit(
    references: Measured,
    posed: Sequence[Array],
    validation: Measured,
    away: Sequence[Measured] = (),
) -> Fit:
    """Fit temperatures, thresholds and what is kept of known radiographs.

    Some references are there in every pose, see `measure_poses`; those who validate are
    home films that trained nothing, those away films of sources left out of training.
    """
    kept_out = [validation, *away]
    targets = [film.targets for each in kept_out for film in each.films]
    mixed = np.concatenate([each.mixed for each in kept_out])
    temperature = fit_temperature(mixed, targets)
    detector = fit_detector(references.features)
    distances = {
        each.films[0].source: detector.distances(each.features)
        for each in away or [validation]
    }
    kept = [1 - FALSE_REJECTIONS, 1 - FALSE_REJECTIONS_SURER]
    unsure, surer = np.quantile(np.concatenate([*distances.values()]), kept)
    return Fit(
        temperature,
        fit_threshold(softmax(mixed, temperature), targets),
        References(detector, fit_poses(posed)),
        (float(unsure), float(surer)),
        distances,
    )


def compare_scores(
    references: Measured,
    validation: Measured,
    strangers: Mapping[str, Sequence[Picture]],
    classifier: Classifier,
) -> dict[str, float]:
    """Measure how well each score tells strangers from validation films: AUROC.

    References are known radiographs, strangers pictures that should not pass, by kind.
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
