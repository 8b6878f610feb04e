"""Figures of merit against closed forms, scikit-learn-like oracles and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xray.lab.evaluation import metrics


def one_hot(labels: list[int], classes: int = 22) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[labels]


def test_any_of_several_labels_counts_as_right() -> None:
    found = metrics.is_right(one_hot([9, 21, 3]), [(9, 21), (9, 21), (13,)])
    assert found.tolist() == [True, True, False]


def test_neighbors_count_as_near_but_not_as_right() -> None:
    answers, targets = one_hot([9, 9, 9]), [(21,), (7,), (3,)]
    assert metrics.is_near(answers, targets).tolist() == [True, True, False]
    assert not metrics.is_right(answers, targets).any()


def test_confusion_files_films_under_the_answered_label() -> None:
    counts = metrics.confusion(one_hot([1, 2, 0], 3), [(0, 1), (0, 1), (0,)], 3)
    assert counts.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_recall_precision_and_their_gaps() -> None:
    counts = np.array([[3, 1, 0], [0, 2, 0], [0, 0, 0]])
    np.testing.assert_allclose(metrics.recalls(counts), [0.75, 1, np.nan])
    np.testing.assert_allclose(metrics.precisions(counts), [1, 2 / 3, np.nan])
    assert metrics.macro_recall(counts) == pytest.approx(0.875)


def test_interval_of_independent_films_is_the_binomial_one() -> None:
    right = np.arange(400) < 300
    groups = [str(i) for i in range(400)]
    low, high = metrics.bootstrap(lambda i: float(right[i].mean()), groups)
    half = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert low == pytest.approx(0.75 - half, abs=0.006)
    assert high == pytest.approx(0.75 + half, abs=0.006)


def test_interval_widens_when_films_share_patients() -> None:
    right = np.arange(400) < 300
    alone = metrics.bootstrap(
        lambda i: float(right[i].mean()), [str(i) for i in range(400)]
    )
    shared = metrics.bootstrap(
        lambda i: float(right[i].mean()), [str(i // 20) for i in range(400)]
    )
    assert shared[1] - shared[0] > 2 * (alone[1] - alone[0])


def test_calibration_error_in_closed_form() -> None:
    confidences = np.array([0.95] * 10 + [0.55] * 10)
    right = np.array([True] * 9 + [False] + [True] * 5 + [False] * 5)
    error = metrics.calibration_error(confidences, right)
    assert error == pytest.approx((0.05 + 0.05) / 2)


@given(arrays(float, 40, elements=st.floats(0, 1)), arrays(bool, 40))
def test_reliability_bins_hold_every_film_once(confidences, right) -> None:
    bins = metrics.reliability(confidences, right)
    assert sum(count for *_, count in bins) == 40
    mean = sum(accuracy * count for _, accuracy, count in bins) / 40
    assert mean == pytest.approx(right.mean())


def test_brier_of_perfect_and_opposite_answers() -> None:
    assert metrics.brier(one_hot([4]), [(4,)]) == 0
    assert metrics.brier(one_hot([4]), [(5,)]) == 2
    assert metrics.brier(one_hot([4]), [(4, 5)]) == pytest.approx(0.5)


@given(
    arrays(float, 15, elements=st.floats(-5, 5)),
    arrays(float, 9, elements=st.floats(-5, 5)),
)
def test_auroc_is_the_share_of_pairs_in_order(inside, outside) -> None:
    pairs = outside[:, None] - inside
    expected = np.mean((pairs > 0) + 0.5 * (pairs == 0))
    assert metrics.auroc(inside, outside) == pytest.approx(expected)
