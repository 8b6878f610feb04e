"""Changes to training films: within range, repeatable, and each does what it says."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.image import fit_square, stretch_contrast
from xray.lab.training.augment import augment_twice
from xray.lab.training.metal import add_metal
from xray.lab.training.recipes import STURDY, Augmentation

STILL = Augmentation(rotation=0, right_angles=0, shift=0, shear=0, zoom=(1, 1))
SHARES = {each.name for each in fields(Augmentation)} & {
    "tone", "equalize", "sharpen", "contrast", "blur", "invert", "collimate", "erase",
    "metal",
}  # fmt: skip


def film() -> np.ndarray:
    """A wide picture with a bright bar on a slope of grays."""
    image = np.tile(np.linspace(0.1, 0.6, 200, dtype=np.float32), (100, 1))
    image[40:60, 50:150] = 0.9
    return image


def changed(how: Augmentation, seed: int = 0) -> np.ndarray:
    return augment_twice(film(), 64, how, np.random.default_rng(seed))[1]


def test_no_change_is_what_serving_does() -> None:
    expected = stretch_contrast(fit_square(film(), 64))
    assert np.abs(changed(STILL) - expected).mean() < 0.01


@given(seed=st.integers(0, 1000))
def test_every_change_together_stays_a_picture_and_repeats(seed) -> None:
    found = changed(STURDY, seed)
    assert found.shape == (64, 64)
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.array_equal(found, changed(STURDY, seed))


@pytest.mark.parametrize("name", sorted(SHARES))
def test_each_change_alone_changes_the_film(name) -> None:
    change: dict[str, Any] = {name: 1.0}
    found = changed(replace(STILL, **change))
    assert np.abs(found - changed(STILL)).mean() > 0.001


def test_inversion_leaves_the_padding_black() -> None:
    # As it does when a film inverted by its maker is letterboxed by `preprocess`.
    found = changed(replace(STILL, invert=1.0))
    expected = stretch_contrast(fit_square(1 - film(), 64))
    assert np.abs(found - expected).mean() < 0.01
    assert found[:10].max() == 0


def test_tone_curve_keeps_the_order_of_grays() -> None:
    found = changed(replace(STILL, tone=1.0))[20, 6:20]
    assert np.all(np.diff(found) >= -1e-6)


def test_metal_is_bright_small_and_the_same_again() -> None:
    square = fit_square(film(), 128)
    for seed in range(20):
        laid = add_metal(square, np.random.default_rng(seed))
        np.testing.assert_array_equal(
            laid, add_metal(square, np.random.default_rng(seed))
        )
        assert 0 <= laid.min() <= laid.max() <= 1
        share = np.mean(laid > square + 0.05)
        assert 0 < share < 0.4


def test_teacher_sees_the_film_as_it_lies_without_metal_or_light() -> None:
    how = replace(STURDY, metal=1.0, tone=1.0)
    plain, pupil = augment_twice(film(), 64, how, np.random.default_rng(3))
    np.testing.assert_array_equal(pupil, changed(how, 3))
    assert np.abs(plain - pupil).mean() > 0.01
