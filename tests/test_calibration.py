"""The temperature: recovered where it is known, and never harmful."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.classify.trust.confidence import softmax
from xray.lab.evaluation.calibration import fit_temperature, loss

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_fit_recovers_the_temperature_labels_were_drawn_at(temperature) -> None:
    logits = RANDOM.normal(0, 2, (6000, 8)).astype(np.float32)
    truth = softmax(logits)
    labels = [
        (int(RANDOM.choice(8, p=row / row.sum())),) for row in truth.astype(float)
    ]
    fitted = fit_temperature(logits * np.float32(temperature), labels)
    assert fitted == pytest.approx(temperature, rel=0.06)


@given(st.integers(0, 2**31))
def test_fitted_temperature_is_never_worse_than_none(seed) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(0, 3, (60, 5)).astype(np.float32)
    labels = [(int(each),) for each in random.integers(0, 5, 60)]
    fitted = fit_temperature(logits, labels)
    assert loss(logits, labels, fitted) <= loss(logits, labels, 1.0) + 1e-6


def test_fit_does_not_change_the_order_of_answers() -> None:
    logits = RANDOM.normal(0, 3, (50, 5)).astype(np.float32)
    fitted = fit_temperature(logits, [(0,)] * 50)
    order = softmax(logits, fitted).argsort(axis=1)
    np.testing.assert_array_equal(order, logits.argsort(axis=1))


def test_any_label_of_a_film_is_likely_enough() -> None:
    logits = np.array([[9.0, 9.0, -9.0]], np.float32)
    assert loss(logits, [(0, 1)], 1.0) == pytest.approx(0, abs=1e-6)
    assert loss(logits, [(0,)], 1.0) == pytest.approx(np.log(2), abs=1e-6)
