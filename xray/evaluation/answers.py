"""The served classifier's answers to labeled films, changed or as they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ..classifier import BATCH, Classifier
from ..dataset import Film
from ..files import read_file
from ..prediction import Prediction
from ..radiograph import Radiograph
from ..reading import read_radiograph
from .changes import Change


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
    """Put films through the classifier once for each change.

    Args:
        classifier: The one that is served.
        films: Read one batch at a time: full-size DICOM files fit no memory.
        changes: Names and functions.

    Returns:
        Answers by the change's name.
    """
    found: dict[str, list[Prediction]] = {name: [] for name in changes}
    for radiographs in read_batches(films):
        for name, change in changes.items():
            changed = [
                replace(each, pixels=change(each.pixels)) for each in radiographs
            ]
            found[name] += classifier.predict(changed)
    return {name: Answers(films, each) for name, each in found.items()}


def read_batches(films: Sequence[Film]) -> Iterator[list[Radiograph]]:
    """Read films a batch at a time, with a progress bar.

    Raises:
        ImageError: A film can't be read.
    """
    with tqdm(total=len(films), unit="film", mininterval=5) as bar:
        for first in range(0, len(films), BATCH):
            batch = films[first : first + BATCH]
            yield [read_radiograph(read_file(film.path)) for film in batch]
            bar.update(len(batch))
