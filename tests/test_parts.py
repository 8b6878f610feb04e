"""Films with several parts."""

import numpy as np
import pytest

from xray.classify.prediction import Prediction
from xray.classify.trust.parts import parts_above
from xray.lab.evaluation.calibration import fit_threshold, part_f1
from xray.labels import OTHERS


def probabilities(**shares: float) -> np.ndarray:
    row = np.zeros(22, np.float32)
    for name, share in shares.items():
        row[int(name[1:])] = share
    return row


def test_parts_are_the_likeliest_and_those_from_the_threshold_on() -> None:
    row = probabilities(c9=0.6, c21=0.3, c7=0.1)
    assert parts_above(row, 0.2) == (9, 21)
    assert parts_above(row, 0.1) == (9, 21, 7)
    assert parts_above(row, 0.9) == (9,)


def test_others_is_only_named_alone() -> None:
    first = np.eye(22, dtype=np.float32)[OTHERS] * 0.6 + probabilities(c3=0.4)
    assert parts_above(first, 0.2) == (OTHERS,)
    second = np.eye(22, dtype=np.float32)[OTHERS] * 0.4 + probabilities(c3=0.6)
    assert parts_above(second, 0.2) == (3,)


def test_fitted_threshold_separates_real_second_parts_from_doubts() -> None:
    both = probabilities(c9=0.6, c21=0.35, c7=0.05)
    doubt = probabilities(c9=0.8, c21=0.2)
    rows, targets = np.stack([both, doubt] * 4), [(9, 21), (9,)] * 4
    threshold = fit_threshold(rows, targets)
    assert 0.2 < threshold <= 0.35
    assert part_f1(rows, targets, threshold) == 1


def test_f1_counts_half_for_one_of_two_parts() -> None:
    rows = probabilities(c9=1.0)[None]
    assert part_f1(rows, [(9, 21)], 0.5) == pytest.approx(2 / 3)


def test_prediction_names_its_parts() -> None:
    prediction = Prediction(probabilities(c9=0.6, c21=0.4), part_threshold=0.3)
    assert [part.english for part in prediction.parts] == ["Hand", "Wrist"]
