"""Measuring a network by itself: what a recipe reaches on films it was kept from.

The served pair of networks can't be measured on every film: the first one has learned
from all sources. A second reader trained anew without some of them can.
"""

from pathlib import Path

from ..network.second_reader import SecondReader
from ..prediction import Prediction
from ..training.splits import Split
from .answers import Answers
from .fitting import ask_second
from .protocols import Figures, accuracy_figures


def measure_alone(weights: Path, split: Split) -> tuple[Answers, Figures]:
    """Measure a second reader that reads alone, uncalibrated, one look a film.

    Args:
        weights: Of one of its networks (.npz).
        split: What it is measured on.

    Raises:
        ImageError: A film can't be read.
        ModelError: The weights can't be read, or are of another network.
    """
    rows = ask_second(SecondReader([weights]), split.validation)
    answers = Answers(split.validation, [Prediction(row) for row in rows])
    return answers, {"reader": "second, alone", "accuracy": accuracy_figures(answers)}
