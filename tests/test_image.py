"""The letterbox and its inverse, the stretch, the network's input."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xray.image import (
    HIGH_PERCENTILE,
    INPUT_SIZE,
    LOW_PERCENTILE,
    Letterbox,
    crop_square,
    fit_square,
    preprocess,
    resize,
    stretch_contrast,
)

sides = st.integers(1, 400)


def ramp(height: int, width: int) -> np.ndarray:
    """A smooth picture, which survives resampling."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    return np.asarray((rows + columns) / max(1, height + width - 2), np.float32)


@given(sides, sides)
def test_letterbox_picture_fills_one_side_and_is_centered(height, width) -> None:
    rows, columns = Letterbox(height, width, INPUT_SIZE).box
    for side in (rows, columns):
        assert 0 <= side.start < side.stop <= INPUT_SIZE
        assert abs(side.start - (INPUT_SIZE - side.stop)) <= 1
    longer = rows if height >= width else columns
    assert (longer.start, longer.stop) == (0, INPUT_SIZE)


@given(st.integers(20, 400), st.integers(20, 400))
def test_unfit_undoes_fit(height, width) -> None:
    picture = ramp(height, width)
    found = resize(crop_square(fit_square(picture), height, width), height, width)
    assert found.shape == picture.shape
    assert np.abs(found - picture).max() < 0.06


@given(sides, sides)
def test_fit_square_keeps_the_range_and_pads_with_0(height, width) -> None:
    square = fit_square(np.full((height, width), 0.5, np.float32))
    assert square.shape == (INPUT_SIZE, INPUT_SIZE)
    inside = crop_square(square, height, width)
    assert np.allclose(inside, 0.5)
    assert np.isclose(square.sum(), inside.sum())


def test_fit_square_shrinking_keeps_the_mean() -> None:
    rng = np.random.default_rng(0)
    picture = rng.random((1024, 1024)).astype(np.float32)
    assert fit_square(picture).mean() == pytest.approx(picture.mean(), abs=1e-4)


def test_resize_to_its_own_size_changes_nothing() -> None:
    picture = ramp(7, 9)
    assert resize(picture, 7, 9) is picture


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 16, 256]))
@settings(max_examples=30)
def test_stretch_contrast_is_numpys_percentiles(seed, side) -> None:
    square = np.random.default_rng(seed).random((side, side)).astype(np.float32)
    low, high = np.percentile(square, (LOW_PERCENTILE, HIGH_PERCENTILE))
    expected = np.clip((square - low) / (high - low), 0, 1)
    assert np.allclose(stretch_contrast(square), expected, atol=1e-5)


@given(st.floats(0.2, 1), st.floats(0, 0.2))
@settings(max_examples=30)
def test_stretch_contrast_forgets_brightness_and_contrast(scale, offset) -> None:
    square = ramp(64, 64)
    changed = np.asarray(square * scale + offset, np.float32)
    assert np.allclose(stretch_contrast(changed), stretch_contrast(square), atol=1e-3)


def test_stretch_contrast_one_bright_pixel_among_black_is_seen() -> None:
    square = np.zeros((64, 64), np.float32)
    square[3, 4] = 0.1
    assert stretch_contrast(square)[3, 4] == 1


def test_stretch_contrast_flat_picture_is_black() -> None:
    assert not stretch_contrast(np.full((8, 8), 0.7, np.float32)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (3000, 2), (256, 256)])
def test_preprocess_any_shape_is_three_equal_channels_in_range(shape) -> None:
    found = preprocess(ramp(*shape))
    assert found.shape == (INPUT_SIZE, INPUT_SIZE, 3)
    assert found.dtype == np.float32
    assert -1 <= found.min() <= found.max() <= 1
    assert np.array_equal(found[..., 0], found[..., 2])


@pytest.mark.parametrize("shape", [(1100, 1300), (1101, 1303), (2600, 300)])
def test_resize_of_large_pictures_is_resizing_by_area(shape) -> None:
    noise = np.random.default_rng(0).random(shape, np.float32)
    film = cv2.GaussianBlur(noise, (0, 0), 12)  # as smooth as films of this size are
    height, width = shape[0] // 5, max(shape[1] // 5, 8)
    expected = cv2.resize(film, (width, height), interpolation=cv2.INTER_AREA)
    found = resize(film, height, width)
    assert found.shape == (height, width)
    assert np.abs(found - expected).max() < 0.1 * film.std()
    assert found.mean() == pytest.approx(film.mean(), abs=1e-3)
