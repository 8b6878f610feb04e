"""The figures of each protocol, from the answers to its films.

Every function returns plain numbers and words, ready for the model card.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...classify.prediction import Prediction
from ...classify.trust.confidence import Band, softmax
from ...labels import BODY_PARTS, OTHERS
from ..training.dataset import HOME, Film
from . import metrics
from .answers import Answers
from .calibration import fit_temperature, part_f1

Figures = dict[str, Any]
CROSS_FITS = 5


def accuracy_figures(answers: Answers) -> Figures:
    """Accuracy and recall, with 95 % intervals over patients."""
    probabilities, targets = answers.probabilities, answers.targets
    groups = answers.groups
    right = metrics.is_right(probabilities, targets)
    near = metrics.is_near(probabilities, targets)
    single = np.array([film.single for film in answers.films])
    sound = np.array([not film.suspect for film in answers.films])
    counts = confusion(answers)

    def macro(chosen: NDArray[np.intp]) -> float:
        of_chosen = metrics.confusion(
            probabilities[chosen], [targets[i] for i in chosen], len(BODY_PARTS)
        )
        return metrics.macro_recall(of_chosen)

    return {
        "films": len(answers.films),
        "patients": len(set(answers.groups)),
        "any_label": _share(right, groups),
        "strict": _share(right[single], [groups[i] for i in np.flatnonzero(single)]),
        "any_label_or_neighbor": _share(near, groups),
        "any_label_without_suspect_labels": round(_mean(right[sound]), 4),
        "macro_recall": _with_interval(macro, groups),
        "confusion": counts.tolist(),  # rows are true parts, columns answers
        "classes": [
            {
                "class": part.english,
                "films": int(total),
                "recall": _rounded(recall),
                "precision": _rounded(precision),
            }
            for part, total, recall, precision in zip(
                BODY_PARTS,
                counts.sum(axis=1),
                metrics.recalls(counts),
                metrics.precisions(counts),
                strict=True,
            )
        ],
    }


def confusion(answers: Answers) -> NDArray[np.int64]:
    """Count films by true and answered part: (22, 22)."""
    return metrics.confusion(answers.probabilities, answers.targets, len(BODY_PARTS))


def change_figures(plain: Answers, changed: Mapping[str, Answers]) -> Figures:
    """Any-label accuracy under each change, and the points it costs."""
    before = _mean(metrics.is_right(plain.probabilities, plain.targets))
    found: Figures = {}
    for name, answers in changed.items():
        after = _mean(metrics.is_right(answers.probabilities, answers.targets))
        rejected = [each.rejected is not None for each in answers.predictions]
        found[name] = {
            "any_label": round(after, 4),
            "points_lost": round(100 * (before - after), 1),
            "rejected": round(_mean(rejected), 4),
        }
    return found


def calibration_figures(answers: Answers, temperature: float) -> Figures:
    """Calibration as it is shown, and with the temperature fitted on others."""
    right = metrics.is_right(answers.probabilities, answers.targets)
    crossed = _cross_fitted(answers, temperature)
    return {
        "films": len(answers.films),
        "expected_calibration_error": round(
            metrics.calibration_error(answers.confidences, right), 4
        ),
        "expected_calibration_error_cross_fitted": round(
            metrics.calibration_error(crossed.max(axis=1).astype(float), right), 4
        ),
        "expected_calibration_error_if_perfect": round(_floor(answers.confidences), 4),
        "brier": round(metrics.brier(answers.probabilities, answers.targets), 4),
        "bands": {band.value: _band_figures(answers, right, band) for band in Band},
    }


def part_figures(answers: Answers, threshold: float) -> Figures:
    """F1 of the named parts against the labels, of films with several labels."""
    several = answers.only([not film.single for film in answers.films])
    all_f1 = part_f1(answers.probabilities, answers.targets, threshold)
    found: Figures = {"f1": round(all_f1, 4), "several_films": len(several.films)}
    if several.films:
        f1 = part_f1(several.probabilities, several.targets, threshold)
        alone = part_f1(several.probabilities, several.targets, 1.1)
        found["several_f1"] = round(f1, 4)
        found["several_f1_naming_one_part"] = round(alone, 4)
    return found


def stranger_figures(predictions: Mapping[str, Sequence[Prediction]]) -> Figures:
    """What became of pictures that are no radiographs, by kind."""
    found: Figures = {}
    for kind, answers in predictions.items():
        rejected = [each.rejected is not None for each in answers]
        harmless = [
            no or each.label == OTHERS or each.band is Band.LOW
            for no, each in zip(rejected, answers, strict=True)
        ]
        sure = [
            each.band is Band.HIGH and each.label != OTHERS and not no
            for no, each in zip(rejected, answers, strict=True)
        ]
        found[kind] = {
            "pictures": len(answers),
            "rejected": sum(rejected),
            "rejected_or_others_or_red": sum(harmless),
            "a_body_part_in_green": sum(sure),
        }
    return found


def data_figures(films: Sequence[Film]) -> list[Figures]:
    """Films of each part, and how many patients of the home source they are of."""
    found = []
    for part in BODY_PARTS:
        inside = [film for film in films if part.id in film.targets]
        patients = {film.group for film in inside if film.source == HOME}
        found.append(
            {
                "class": part.english,
                "films": len(inside),
                "home_patients": len(patients),
            }
        )
    return found


def source_figures(films: Sequence[Film], logits: NDArray[np.float32]) -> Figures:
    """Accuracy by source, strict on single labels and counting neighbors."""
    found: Figures = {}
    for source in sorted({film.source for film in films}):
        inside = [i for i, film in enumerate(films) if film.source == source]
        targets = [films[i].targets for i in inside]
        found[source] = {
            "films": len(inside),
            "any_label": round(_mean(metrics.is_right(logits[inside], targets)), 4),
            "or_neighbor": round(_mean(metrics.is_near(logits[inside], targets)), 4),
        }
    return found


def _share(flags: NDArray[np.bool_], groups: Sequence[str]) -> Figures:
    """Share of films that a flag is set for, and its interval."""
    return _with_interval(lambda chosen: _mean(flags[chosen]), groups)


def _with_interval(
    statistic: Callable[[NDArray[np.intp]], float], groups: Sequence[str]
) -> Figures:
    low, high = metrics.bootstrap(statistic, groups)
    return {
        "value": round(statistic(np.arange(len(groups))), 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "films": len(groups),
    }


def _band_figures(answers: Answers, right: NDArray[np.bool_], band: Band) -> Figures:
    inside = np.array([each.band is band for each in answers.predictions])
    sound = inside & ~np.array([film.suspect for film in answers.films])
    return {
        "films": int(inside.sum()),
        "share": round(_mean(inside), 4),
        "error_rate": _error_rate(right[inside]),
        "error_rate_without_suspect_labels": _error_rate(right[sound]),
    }


def _error_rate(right: NDArray[np.bool_]) -> float | None:
    return round(1 - _mean(right), 4) if len(right) else None


def _cross_fitted(answers: Answers, temperature: float) -> NDArray[np.float32]:
    """Calibrate each patient's films with a temperature fitted on other patients."""
    # Up to a constant for each film, which the softmax forgets; films looked at
    # again are a mixture of softmaxes, for which this is an approximation.
    logits = np.log(np.maximum(answers.probabilities, 1e-30)) * np.float32(temperature)
    patients = sorted(set(answers.groups))
    part = np.array([patients.index(group) % CROSS_FITS for group in answers.groups])
    found = np.empty_like(logits)
    for each in range(CROSS_FITS):
        rest = [answers.targets[i] for i in np.flatnonzero(part != each)]
        if rest and (part == each).any():
            fitted = fit_temperature(logits[part != each], rest)
            found[part == each] = softmax(logits[part == each], fitted)
    return found


def _floor(confidences: NDArray[np.float64]) -> float:
    """The error that a perfectly calibrated model would show on so few films."""
    random = np.random.default_rng(0)
    errors = [
        metrics.calibration_error(
            confidences, random.random(len(confidences)) < confidences
        )
        for _ in range(200)
    ]
    return float(np.mean(errors))


def _mean(values: Sequence[bool] | NDArray[np.bool_]) -> float:
    return float(np.mean(values))


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
