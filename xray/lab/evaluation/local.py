"""How good the served network is on an archive of its own, and what follows for it.

Nothing of it was trained on these films. What comes out is a local card: one more
temperature, and the confidence above which few enough answers are wrong.
"""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ...audit.summary import interval
from ...classify.classifier import Classifier
from ...classify.trust.confidence import (
    HIGH_ABOVE,
    MEDIUM_FROM,
    log_probabilities,
    recalibrate,
)
from ...errors import DatasetError
from ...network.local_card import LocalCard
from ...text import percent
from ..training.splits import RANDOM_REVIEW, Split
from . import metrics
from .answers import Answers, answer
from .calibration import fit_temperature, lowest_border
from .changes import unchanged
from .protocols import Figures, accuracy_figures, calibration_figures

ENOUGH = 100  # films for a temperature of their own
Flags = NDArray[np.bool_]


def measure_reviewed(
    classifier: Classifier, split: Split, green_error: float
) -> tuple[Answers, Figures]:
    """Measure the shipped calibration on films of `by_review`, and fit a local one.

    The error is the share of green answers that may be wrong.
    """
    (answers,) = answer(classifier, split.validation, {"": unchanged}).values()
    right = metrics.is_right(answers.probabilities, answers.targets)
    accepted = np.array([each.rejected is None for each in answers.predictions])
    temperature = 1.0
    if len(right) >= ENOUGH:
        logits = log_probabilities(answers.probabilities)
        temperature = fit_temperature(logits, answers.targets)
    local = recalibrate(answers.probabilities, temperature).max(axis=1).astype(float)
    above = green_threshold(local[accepted], right[accepted], green_error)
    return answers, {
        "drawn_at_random": split.name == RANDOM_REVIEW,
        "accuracy": accuracy_figures(answers),
        "rejected": round(float(np.mean(~accepted)), 4),
        "calibration": calibration_figures(
            answers, classifier.card.calibration.temperature
        ),
        "green_as_shipped": _green(answers.confidences, right, accepted, HIGH_ABOVE),
        "local": {
            "temperature": round(temperature, 4),
            "green_error": green_error,
            "green_above": above,
            "green": _green(local, right, accepted, 1.0 if above is None else above),
        },
    }


def green_threshold(
    confidences: NDArray[np.float64], right: Flags, error: float
) -> float | None:
    """Find the confidence above which an answer is green: few enough are wrong.

    It is never below the medium band; None where there are too few films to say.
    """
    sure = confidences > MEDIUM_FROM
    numbers = np.arange(1, sure.sum() + 1)
    floor = float(confidences[~sure].max(initial=0.0))
    found = lowest_border(confidences[sure], ~right[sure], numbers, error, floor)
    return None if found is None else round(max(MEDIUM_FROM, found), 6)


def make_local_card(name: str, classifier: Classifier, figures: Figures) -> LocalCard:
    """Put what was measured into a local card.

    Raises:
        DatasetError: The films were not drawn at random, or are too few.
        ValueError: The name can't be one.
    """
    local, accuracy = figures["local"], figures["accuracy"]
    above = local["green_above"]
    if above is None or not figures["drawn_at_random"]:
        raise DatasetError(
            "Expected enough films drawn at random for a local card. Received: "
            f"{accuracy['films']:,} films, see above. Review more of the queue "
            "“Random sample”, export again, or allow a larger --green-error."
        )
    return LocalCard(
        name=name,
        weights_sha256=classifier.card.sha256,
        temperature=local["temperature"],
        green_above=above,
        green_error=local["green_error"],
        films=accuracy["films"],
        patients=accuracy["patients"],
        made=f"{datetime.now(UTC):%Y-%m-%d}",
        figures={
            "model": classifier.card.version,
            "drawn_at_random": figures["drawn_at_random"],
            "any_label": accuracy["any_label"],
            "any_label_or_neighbor": accuracy["any_label_or_neighbor"],
            "green_as_shipped": figures["green_as_shipped"],
            "green": local["green"],
        },
    )


def in_words(figures: Figures, version: str) -> str:
    """Say what was measured, in a few lines."""
    accuracy, local = figures["accuracy"], figures["local"]
    shipped, green, error = figures["green_as_shipped"], local["green"], local
    drawn = (
        "drawn at random"
        if figures["drawn_at_random"]
        else "NOT drawn at random, but because header and picture differ: they say "
        "little of the whole archive. Review the queue “Random sample” to know"
    )
    lines = [
        f"{version} on {accuracy['films']:,} films of {accuracy['patients']:,} "
        f"patients, {drawn}.",
        f"right                {_with_interval(accuracy['any_label'])}",
        f"or a neighboring part {_with_interval(accuracy['any_label_or_neighbor'])}",
        f"green as shipped     above {percent(HIGH_ABOVE)}: {_said(shipped)}",
    ]
    wanted = percent(error["green_error"], 1)
    if local["green_above"] is None:
        fewest = round(1 / local["green_error"]) - 1
        lines.append(
            f"green at {wanted} wrong: too few films are sure and right to say; it "
            f"takes {fewest:,} at least"
        )
    else:
        above = percent(local["green_above"], 1)
        lines.append(f"green at {wanted} wrong above {above}: {_said(green)}")
    lines.append(f"temperature          {local['temperature']} beside the shipped one")
    return "\n".join(lines) + "\n"


def _green(
    confidences: NDArray[np.float64], right: Flags, accepted: Flags, above: float
) -> Figures:
    inside = accepted & (confidences > above)
    number, wrong = int(inside.sum()), int((inside & ~right).sum())
    low, high = interval(wrong, number)
    return {
        "films": number,
        "share": round(number / len(right), 4),
        "wrong": wrong,
        "error_low": round(low, 4),
        "error_high": round(high, 4),
    }


def _said(green: Figures) -> str:
    low, high = percent(green["error_low"], 1), percent(green["error_high"], 1)
    return (
        f"{percent(green['share'])} of the films, {green['wrong']:,} of "
        f"{green['films']:,} wrong ({low} to {high})"
    )


def _with_interval(value: Figures) -> str:
    low, high = percent(value["low"], 1), percent(value["high"], 1)
    return f"{percent(value['value'], 1)} ({low} to {high})"
