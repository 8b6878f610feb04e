"""Bright borders: found, made black, and why a film in one is looked at again."""

import numpy as np
import pytest

from xray.classify.classifier import Classifier
from xray.classify.prediction import Prediction
from xray.classify.trust.border import darken_border, inside_border
from xray.classify.trust.pose import BORDERED
from xray.image import fit_square, stretch_contrast
from xray.lab.evaluation.changes import border
from xray.reading.reader import read_radiograph


def film(height: int = 300, width: int = 200) -> np.ndarray:
    random = np.random.default_rng(0)
    return random.uniform(0.1, 0.9, (height, width)).astype(np.float32)


def test_border_is_found_to_a_pixel_of_the_small_picture() -> None:
    pixels = film()
    pixels[:, :50] = pixels[:, 170:] = 1
    pixels[:30] = 1
    rows, columns = inside_border(pixels)
    assert abs(rows.start - 30) <= 3
    assert rows.stop == 300
    assert abs(columns.start - 50) <= 2
    assert abs(columns.stop - 170) <= 2


def test_marker_in_the_border_does_not_hide_it() -> None:
    pixels = film()
    pixels[:, :60] = 1
    pixels[200:215, 20:35] = 0.2
    assert inside_border(pixels) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda pixels: pixels,  # none
        lambda pixels: np.pad(pixels, ((0, 0), (3, 3)), constant_values=1),  # narrow
        lambda pixels: np.pad(pixels, 60),  # black
        np.ones_like,  # nothing else
    ],
)
def test_other_films_have_no_such_border(change) -> None:
    pixels = change(film())
    assert inside_border(pixels) is None
    assert darken_border(pixels) is pixels


def test_darkened_film_is_black_around_and_unchanged_inside() -> None:
    pixels = border(film())  # 66 + 200 + 66 columns
    before = pixels.copy()
    dark = darken_border(pixels)
    assert not dark[:, :63].any()
    assert not dark[:, 270:].any()
    np.testing.assert_array_equal(dark[:, 70:262], before[:, 70:262])
    np.testing.assert_array_equal(pixels, before)
    square = stretch_contrast(fit_square(pixels, 64))
    expected = stretch_contrast(fit_square(dark, 64))
    np.testing.assert_array_equal(BORDERED.undo(pixels, square), expected)


def test_film_in_white_is_read_with_the_white_made_black(
    classifier: Classifier, films
) -> None:
    plain = [read_radiograph(data).pixels for data in films.values()]
    before = classifier.predict(plain)
    assert all(each.pose is not BORDERED for each in before)

    def in_white(share: float) -> list[Prediction]:
        sides = ((int(pixels.shape[1] * share),) * 2 for pixels in plain)
        padded = (
            np.pad(pixels, ((0, 0), side), constant_values=1)
            for pixels, side in zip(plain, sides, strict=True)
        )
        return classifier.predict(list(padded))

    same = [a.part is b.part for a, b in zip(in_white(0.5), before, strict=True)]
    assert all(same)
    read = [each for each in in_white(1) if each.pose is BORDERED]  # hardly to be seen
    assert read
    assert {notice.key for notice in read[0].notices} >= {"read_bordered"}
