"""The served classifier's answers to labeled films, changed or as they are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ...classify.classifier import Classifier
from ...classify.prediction import Prediction
from ...classify.prepared import Picture
from ...reading.files import read_file
from ...reading.radiograph import Radiograph
from ...reading.reader import read_radiograph
from ...threads import in_order
from ..training.dataset import Film
from .changes import Change

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the classifier said about N films."""

    films: Sequence[Film]
    predictions: Sequence[Prediction]

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Probabilities as they are shown, (N, 22)."""
        return np.stack([each.probabilities for each in self.predictions])

    @property
    def confidences(self) -> NDArray[np.float64]:
        """Probability of each film's likeliest part, (N,)."""
        return np.array([each.confidence for each in self.predictions])

    @property
    def targets(self) -> list[tuple[int, ...]]:
        """Each film's class numbers."""
        return [film.targets for film in self.films]

    @property
    def groups(self) -> list[str]:
        """Each film's patient."""
        return [film.group for film in self.films]

    def only(self, keep: Sequence[bool] | NDArray[np.bool_]) -> "Answers":
        """Choose the films that a list of N flags names."""
        kept = [i for i, each in enumerate(keep) if each]
        films = [self.films[i] for i in kept]
        return Answers(films, [self.predictions[i] for i in kept])


def answer(
    classifier: Classifier, films: Sequence[Film], changes: Mapping[str, Change]
) -> dict[str, Answers]:
    """Put films, read one by one, through the classifier once for each change.

    Returns:
        Answers by the change's name.
    """

    def work(radiograph: Radiograph) -> list[Prediction]:
        changed = [
            replace(radiograph, pixels=change(radiograph.pixels))
            for change in changes.values()
        ]
        return predict(classifier, changed)

    rows = list(over_films(films, work))
    columns = zip(*rows, strict=True)
    return {
        name: Answers(films, column)
        for name, column in zip(changes, columns, strict=True)
    }


def predict(classifier: Classifier, pictures: Sequence[Picture]) -> list[Prediction]:
    """Predict as the page does for many files: other threads work beside."""
    found = classifier.explain_all(pictures, top=0, busy=True)
    return [each.prediction for each in found]


def over_films(
    films: Sequence[Film], work: Callable[[Radiograph], Result]
) -> Iterator[Result]:
    """Read films and do work on each, on all cores, with a progress bar.

    Raises:
        ImageError: A film can't be read.
    """
    results = in_order(lambda film: work(read_radiograph(read_file(film.path))), films)
    yield from tqdm(results, total=len(films), unit="film", mininterval=5)
