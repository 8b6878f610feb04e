"""How good the network of findings is, from answers to films it never learned from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...classify.trust.confidence import softmax
from ...image import Letterbox
from ...network.findings.answer import PROJECTIONS
from ...network.findings.card import OperatingPoint, Scaling
from ...network.findings.network import SIZE
from ..evaluation.metrics import (
    auroc,
    bootstrap,
    calibration_error,
    macro_recall,
    recalls,
)
from .films import MarkedFilm

Figures = dict[str, object]
Rows = NDArray[np.intp]
SPECIFICITY = 0.90  # where sensitivity is stated, and films count as found
POINT_AIMS = {"sensitive": 0.70, "balanced": 0.90, "specific": 0.97}  # specificities
HARDWARE_FROM = 0.5  # probability, as a card has it unless it says otherwise
FEWEST = 20  # films of either kind that a figure of a region needs


@dataclass(frozen=True, slots=True, eq=False)
class FilmLogits:
    """Films, and the logits of networks that each was kept from."""

    films: Sequence[MarkedFilm]
    film: NDArray[np.float32]  # (N, 6)
    where: NDArray[np.float32]  # (N, 24, 24)

    def take(self, rows: Rows) -> "FilmLogits":
        """Keep some films."""
        return FilmLogits(
            [self.films[i] for i in rows], self.film[rows], self.where[rows]
        )

    @property
    def fractured(self) -> NDArray[np.bool_]:
        """Which films show a fracture."""
        return np.array([film.fractured for film in self.films], bool)

    @property
    def hardware(self) -> NDArray[np.bool_]:
        """Which films show metal."""
        return np.array([film.hardware for film in self.films], bool)

    @property
    def projections(self) -> NDArray[np.intp]:
        """Each film's projection, as its place in `PROJECTIONS`."""
        names = [film.projection for film in self.films]
        return np.array([PROJECTIONS.index(name) for name in names])

    @property
    def groups(self) -> list[str]:
        """Each film's patient."""
        return [film.group for film in self.films]


def operating_points(
    probabilities: NDArray[np.float64], fractured: NDArray[np.bool_]
) -> dict[str, OperatingPoint]:
    """Choose the thresholds that reach `POINT_AIMS`, and say what they cost."""
    points = {}
    for name, aim in POINT_AIMS.items():
        threshold = round(float(np.quantile(probabilities[~fractured], aim)), 4)
        flagged = probabilities >= threshold
        points[name] = OperatingPoint(
            threshold,
            round(float(flagged[fractured].mean()), 3),
            round(float((~flagged[~fractured]).mean()), 3),
        )
    return points


def measure(answers: FilmLogits, fracture: Scaling, temperature: float) -> Figures:
    """Measure everything that the card states.

    Args:
        answers: Out of fold.
        fracture: Scaling of the fracture's logit.
        temperature: Of the projections.
    """
    probabilities = fracture.probability(answers.film[:, 0])
    confidences = np.maximum(probabilities, 1 - probabilities)
    right = (probabilities > 0.5) == answers.fractured
    without = np.flatnonzero(~answers.hardware)
    return {
        "films": len(answers.films),
        "fractured": int(answers.fractured.sum()),
        "groups": len(set(answers.groups)),
        "fracture": _fracture(answers)
        | {"ece": round(calibration_error(confidences, right), 4)},
        "without_hardware": _fracture(answers.take(without)),
        "hardware_called_fractured": _metal_is_no_fracture(answers, probabilities),
        "regions": dict(_by_region(answers)),
        "pointing": _pointing(answers),
        "hardware": _hardware(answers),
        "projection": _projection(answers, temperature),
    }


def false_alarms(
    answers: FilmLogits,
    fracture: Scaling,
    hardware: Scaling,
    points: Mapping[str, OperatingPoint],
) -> Figures:
    """Count what is seen on films without fractures, by their region.

    Args:
        answers: To films that the network did not learn from.
        fracture: Scaling of the fracture's logit.
        hardware: Of that of the hardware.
        points: The flag's.
    """
    flagged = fracture.probability(answers.film[:, 0]) >= points["balanced"].threshold
    metal = hardware.probability(answers.film[:, 1]) >= HARDWARE_FROM
    regions = np.array([film.region for film in answers.films])
    return {
        region: {
            "films": int((regions == region).sum()),
            "flagged": int(flagged[regions == region].sum()),
            "with_hardware": int(answers.hardware[regions == region].sum()),
            "hardware_seen": int(metal[regions == region].sum()),
        }
        for region in sorted(set(regions.tolist()))
    }


def peaks(
    where: NDArray[np.float32], films: Sequence[MarkedFilm]
) -> list[NDArray[np.float64]]:
    """Find where each map is highest, between its cells: (x, y) in pixels."""
    found = []
    for cells, film in zip(where, films, strict=True):
        probability = 1 / (1 + np.exp(-cells))
        smooth = cv2.GaussianBlur(probability, (0, 0), 1)  # of a cell
        wide = cv2.resize(smooth, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
        row, column = np.unravel_index(int(wide.argmax()), wide.shape)
        height, width = film.size
        box = Letterbox(height, width, SIZE)
        rows, columns = box.box
        scale = max(height, width) / SIZE
        x, y = column + 0.5 - columns.start, row + 0.5 - rows.start
        found.append(np.array([x, y]) * scale)
    return found


def fracture_auroc(answers: FilmLogits) -> float:
    """Area under the ROC curve of the film's fracture."""
    return _area(answers.film[:, 0], answers.fractured)


def _area(scores: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    inside, outside = (scores[kind].astype(np.float64) for kind in (~truth, truth))
    return auroc(inside, outside)


def _fracture(answers: FilmLogits) -> Figures:
    fractured, scores = answers.fractured, answers.film[:, 0]

    def area(rows: Rows) -> float:
        return _area(scores[rows], fractured[rows])

    def sensitivity(rows: Rows) -> float:
        kind, score = fractured[rows], scores[rows]
        return float((score[kind] > np.quantile(score[~kind], SPECIFICITY)).mean())

    return {
        "auroc": _with_interval(area, answers, fractured),
        "sensitivity_at_specificity_0.90": _with_interval(
            sensitivity, answers, fractured
        ),
    }


def _with_interval(
    statistic: Callable[[Rows], float], answers: FilmLogits, kinds: NDArray[np.bool_]
) -> Figures:
    """Measure; with an interval where there are films enough of both kinds."""
    fewest = min(kinds.sum(), (~kinds).sum())
    if fewest == 0:
        return {}
    value = statistic(np.arange(len(answers.films)))
    if fewest < FEWEST:
        return {"value": round(value, 4)}
    low, high = bootstrap(statistic, answers.groups, rounds=500)
    return {"value": round(value, 4), "interval": [round(low, 4), round(high, 4)]}


def _by_region(answers: FilmLogits) -> Iterable[tuple[str, Figures]]:
    """Measure each region that has enough films alone."""
    regions = sorted({word for film in answers.films for word in film.region.split()})
    for region in regions:
        chosen = [region in film.region.split() for film in answers.films]
        part = answers.take(np.flatnonzero(chosen))
        kinds = part.fractured
        figures: Figures = {"films": len(kinds), "fractured": int(kinds.sum())}
        yield region, figures | _fracture(part)


def _metal_is_no_fracture(
    answers: FilmLogits, probabilities: NDArray[np.float64]
) -> Figures:
    """Count unbroken films with metal that the balanced point flags all the same."""
    points = operating_points(probabilities, answers.fractured)
    rows = answers.hardware & ~answers.fractured
    flagged = probabilities[rows] >= points["balanced"].threshold
    return {"films": int(rows.sum()), "flagged": int(flagged.sum())}


def _pointing(answers: FilmLogits) -> Figures:
    """Count found fractures whose map is highest in one of their boxes."""
    fractured, scores = answers.fractured, answers.film[:, 0]
    threshold = np.quantile(scores[~fractured], SPECIFICITY)
    found = answers.take(np.flatnonzero(fractured & (scores > threshold)))
    hits = [
        any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in film.boxes)
        for film, (x, y) in zip(
            found.films, peaks(found.where, found.films), strict=True
        )
    ]
    return {"found": len(hits), "in_a_box": round(sum(hits) / max(1, len(hits)), 4)}


def _hardware(answers: FilmLogits) -> Figures:
    truth, scores = answers.hardware, answers.film[:, 1]

    def area(rows: Rows) -> float:
        return _area(scores[rows], truth[rows])

    return {"films": int(truth.sum()), "auroc": _with_interval(area, answers, truth)}


def _projection(answers: FilmLogits, temperature: float) -> Figures:
    truth = answers.projections
    probabilities = softmax(answers.film[:, 2:], temperature)
    named = probabilities.argmax(axis=1)
    counts = np.zeros((4, 4), np.int64)
    np.add.at(counts, (truth, named), 1)
    sides = truth < 2
    two = probabilities[sides, :2].argmax(axis=1) == truth[sides]
    confidence = probabilities.max(axis=1).astype(np.float64)
    return {
        "balanced_accuracy": round(macro_recall(counts), 4),
        "accuracy": round(float((named == truth).mean()), 4),
        "recalls": _named(recalls(counts)),
        "frontal_against_lateral": round(float(two.mean()), 4),
        "ece": round(calibration_error(confidence, named == truth), 4),
        "confusion": counts.tolist(),
    }


def _named(values: NDArray[np.float64]) -> Mapping[str, float]:
    pairs = zip(PROJECTIONS, values, strict=True)
    return {
        name: round(float(value), 4) for name, value in pairs if not np.isnan(value)
    }
