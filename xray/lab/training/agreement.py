"""How closely one engine follows another: answers, probabilities, maps."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from ...classify.classifier import Classifier
from ...image import GrayImage
from ..evaluation.randomization import rank_correlation

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One engine's answers against a reference's on the same films."""

    films: int
    same_answer: float  # share of films with the same likeliest part
    accuracy: float  # share of films where the answer is one of the labels
    reference_accuracy: float
    probability_difference: float  # 99th percentile over films and parts

    def to_json(self) -> dict[str, float]:
        """Give the figures, rounded to what the films can tell."""
        return {key: round(value, 5) for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class ExplainedAgreement(Agreement):
    """The same, and how alike the maps are."""

    map_correlation: float  # mean of Spearman's rank correlation of the maps
    map_correlation_low: float  # its 5th percentile


def compare(
    tested: Classifier,
    reference: Classifier,
    pictures: Sequence[GrayImage],
    targets: Sequence[Sequence[int]],
) -> ExplainedAgreement:
    """Run a classifier over N pictures, and the one it is to follow.

    The targets are the class numbers that are right, for each.
    """
    correlations: list[float] = []
    pairs: list[tuple[Array, Array]] = []
    for picture in pictures:
        wanted = reference.explain(picture)
        label = wanted.prediction.label
        given = tested.explain(picture, label)
        pairs.append((given.prediction.probabilities, wanted.prediction.probabilities))
        if wanted.maps[label].any():
            correlations.append(rank_correlation(given.maps[label], wanted.maps[label]))
    ours, theirs = (np.stack(each) for each in zip(*pairs, strict=True))
    return ExplainedAgreement(
        **asdict(compare_answers(ours, theirs, targets)),
        map_correlation=float(np.mean(correlations)),
        map_correlation_low=float(np.percentile(correlations, 5)),
    )


def compare_answers(
    ours: Array, theirs: Array, targets: Sequence[Sequence[int]]
) -> Agreement:
    """Compare two networks' probabilities (N, 22) for the same N films."""
    answers, expected = ours.argmax(axis=1), theirs.argmax(axis=1)
    return Agreement(
        len(targets),
        float((answers == expected).mean()),
        _accuracy(answers, targets),
        _accuracy(expected, targets),
        float(np.percentile(np.abs(ours - theirs), 99)),
    )


def _accuracy(answers: NDArray[np.int64], targets: Sequence[Sequence[int]]) -> float:
    pairs = zip(answers.tolist(), targets, strict=True)
    return float(np.mean([answer in right for answer, right in pairs]))
