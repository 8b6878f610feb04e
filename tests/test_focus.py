"""Markers are found, and maps on markers, borders and padding are warned of."""

import cv2
import numpy as np
import pytest

from tests.predictions import predicts
from xray.classify.prediction import Explanation
from xray.explanation.focus import (
    border_share,
    check_focus,
    marker_level,
    padding_share,
)
from xray.explanation.markers import Marker, find_markers
from xray.image import GrayImage
from xray.messages import MESSAGES

PLACE = (24, 30)  # column and row of a marker, pixels of a 320-pixel film


def limb(height: int = 320, width: int = 256) -> GrayImage:
    """A soft bright limb on a dark ground with a little noise."""
    y, x = np.mgrid[:height, :width]
    across = (x - width / 2) / (width / 6)
    rng = np.random.default_rng(0)
    noise = cv2.GaussianBlur(rng.normal(0, 0.02, (height, width)), (0, 0), 2)
    along = 0.1 * np.cos(y / height * 3)
    body = 0.1 + 0.6 * np.exp(-(across**2)) + along + noise
    return np.clip(body, 0, 1).astype(np.float32)


def with_plate(film: GrayImage, scale: int = 1) -> GrayImage:
    """Lay a bright plate with a dark letter on a film, as lead markers look."""
    film = film.copy()
    left, top = (value * scale for value in PLACE)
    film[top : top + 15 * scale, left : left + 11 * scale] = 0.75
    film[top + 4 * scale : top + 11 * scale, left + 5 * scale : left + 7 * scale] = 0.3
    return film


def with_word(film: GrayImage) -> GrayImage:
    """Burn a word in, as workstations do."""
    word = np.zeros(film.shape, np.uint8)
    cv2.putText(word, "LEITO", PLACE, cv2.FONT_HERSHEY_SIMPLEX, 0.4, 255)
    return np.maximum(film, word.astype(np.float32) / 255)


def explained(heat: np.ndarray, height: int = 320, width: int = 256) -> Explanation:
    prediction = predicts("Hand")
    label = prediction.label
    return Explanation(prediction, {label: heat.astype(np.float32)}, height, width)


def peak(row: int, column: int) -> np.ndarray:
    heat = np.zeros((8, 8))
    heat[row, column] = 1
    return heat


@pytest.mark.parametrize("add", [with_plate, with_word])
def test_marker_is_found_at_its_place(add) -> None:
    (found,) = find_markers(add(limb()))
    assert abs(found.left - PLACE[0]) < 5
    assert abs(found.top + found.height / 2 - PLACE[1]) < 12


def test_marker_is_found_at_the_same_place_of_a_large_film() -> None:
    film = np.kron(limb(), np.ones((6, 6), np.float32))
    (found,) = find_markers(with_plate(film, 6))
    assert abs(found.left / 6 - PLACE[0]) < 4
    assert abs(found.width / 6 - 11) < 5


def test_film_without_markers_has_none() -> None:
    assert find_markers(limb()) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (400, 2), (20, 20)])
def test_flat_and_tiny_films_have_no_markers(shape) -> None:
    assert find_markers(np.full(shape, 0.5, np.float32)) == []


def keys(film: GrayImage, heat: np.ndarray) -> list[str]:
    found = check_focus(film, explained(heat, *film.shape))
    for notice in found:
        for language in ("en", "es"):
            assert MESSAGES[notice.key].text(language).format(**notice.values)
    return [notice.key for notice in found]


def test_map_on_the_body_gives_no_warning() -> None:
    assert keys(with_plate(limb()), peak(4, 4)) == []


def test_map_on_a_marker_warns() -> None:
    # The film lies in columns 26 to 230 of the square, so the marker is at
    # column 26 + 24 · 0.8 and row 30 · 0.8: place (0, 1) of 8 x 8.
    assert "focus_marker" in keys(with_plate(limb()), peak(0, 1))
    assert "focus_marker" not in keys(limb(), peak(0, 1))


def test_map_beside_the_film_warns() -> None:
    assert "focus_padding" in keys(limb(320, 120), peak(4, 0) + peak(4, 4))
    assert "focus_padding" not in keys(limb(320, 320), peak(4, 0) + peak(4, 4))


def test_map_at_the_edge_warns() -> None:
    edge = np.ones((8, 8))
    edge[1:-1, 1:-1] = 0
    assert "focus_border" in keys(limb(320, 320), edge)
    assert "focus_border" not in keys(limb(320, 320), np.ones((8, 8)))


def test_empty_map_is_called_empty_and_nothing_else() -> None:
    assert keys(with_plate(limb()), np.zeros((8, 8))) == ["focus_empty"]


def test_padding_share_counts_what_the_letterbox_cuts_off() -> None:
    # A film half as wide as high covers the middle half of the square.
    explanation = explained(np.ones((8, 8)), 200, 100)
    label = explanation.prediction.label
    assert padding_share(explanation, label) == pytest.approx(0.5, abs=0.01)
    square = explained(np.ones((8, 8)), 200, 200)
    assert padding_share(square, label) == 0


def test_border_share_of_an_even_map_is_the_border_s_area() -> None:
    even = np.ones((100, 100), np.float32)
    assert border_share(even) == pytest.approx(1 - 0.84**2)
    assert border_share(even * 0) == 0
    assert border_share(np.ones((4, 100), np.float32)) == 0


def test_marker_level_is_the_mean_over_the_marker() -> None:
    heat = np.zeros((10, 10), np.float32)
    heat[2:4, 5:7] = 1
    assert marker_level(heat, Marker(2, 5, 2, 2)) == 1
    assert marker_level(heat, Marker(2, 5, 4, 2)) == 0.5
