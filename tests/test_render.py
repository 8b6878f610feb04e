"""Overlays, contour lines, differences, legends, thumbnails, captions."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.predictions import IDS, predicts
from xray.explanation.caption import add_caption, caption_lines
from xray.explanation.render import (
    Palette,
    contours,
    difference,
    difference_legend,
    encode_jpeg,
    encode_png,
    legend,
    outline,
    overlay,
    thumbnail,
    to_rgb,
)
from xray.messages import MESSAGES


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(0).random((60, 90), np.float32)


@pytest.fixture
def hill() -> np.ndarray:
    """A map with its top in the middle and nothing at the edge."""
    y, x = np.mgrid[-1:1:60j, -1:1:90j]
    return np.clip(1 - np.hypot(x, y), 0, 1).astype(np.float32)


def luminance(colors: np.ndarray) -> np.ndarray:
    """CIE lightness L* of RGB colors (N, 3)."""
    rgb = (colors[None] / 255).astype(np.float32)
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, :, 0]


@pytest.mark.parametrize("palette", Palette)
def test_overlay_leaves_the_radiograph_alone_where_the_map_is_low(
    picture, hill, palette
) -> None:
    shown = overlay(picture, hill, palette=palette)
    assert shown.dtype == np.uint8
    low = hill < 0.15
    assert np.array_equal(shown[low], to_rgb(picture)[low])
    assert (shown != to_rgb(picture))[hill > 0.6].any(axis=-1).mean() > 0.95


def test_overlay_without_opacity_or_map_is_the_radiograph(picture, hill) -> None:
    assert np.array_equal(overlay(picture, hill, opacity=0), to_rgb(picture))
    assert np.array_equal(overlay(picture, hill * 0), to_rgb(picture))


@given(gray=st.floats(0, 1), heat=st.floats(0, 1), opacity=st.floats(0, 1))
def test_overlay_keeps_at_least_the_rest_of_the_opacity(gray, heat, opacity) -> None:
    one = np.ones((1, 1), np.float32)
    shown = overlay(one * np.float32(gray), one * np.float32(heat), opacity)
    assert (shown >= np.floor(255 * gray * (1 - opacity)) - 1).all()


@pytest.mark.parametrize("palette", Palette)
def test_palette_gets_lighter_from_low_to_high_in_even_steps(palette) -> None:
    ramp = legend(palette, opacity=1, width=512)[0]
    steps = np.diff(luminance(ramp[320:].astype(np.float32))[::16])
    assert (steps > 0).all()  # no rainbow: order is seen without its colors
    assert steps.max() < 3 * steps.mean()


def test_overlay_unknown_palette_is_refused(picture, hill) -> None:
    with pytest.raises(ValueError, match="jet"):
        overlay(picture, hill, palette="jet")


def test_difference_is_orange_for_the_first_and_blue_for_the_second() -> None:
    gray = np.full((1, 3), 0.5, np.float32)
    first = np.array([[1, 0, 0.5]], np.float32)
    left, right, same = difference(gray, first, first[:, [1, 0, 2]])[0].astype(int)
    assert left[0] > left[2] + 50
    assert right[2] > right[0] + 50
    assert np.array_equal(same, to_rgb(gray)[0, 2])


def test_difference_of_swapped_maps_swaps_the_colors(hill) -> None:
    gray = np.full(hill.shape, 0.5, np.float32)
    there = difference(gray, hill, hill * 0) != to_rgb(gray)
    back = difference(gray, hill * 0, hill) != to_rgb(gray)
    assert np.array_equal(there.any(axis=-1), back.any(axis=-1))


def test_contours_run_where_the_map_has_their_level(hill) -> None:
    picture = np.full(hill.shape, 0.5, np.float32)
    shown = contours(picture, hill, levels=[0.5])
    changed = (shown != to_rgb(picture)).any(axis=-1)
    assert changed.any()
    assert not changed[hill < 0.25].any()
    assert not changed[hill > 0.85].any()
    assert shown[changed].max() > 250  # a white line,
    assert shown[changed].min() < 60  # with a dark edge


def test_contours_are_gray_for_print(picture, hill) -> None:
    assert np.ptp(contours(picture, hill), axis=-1).max() == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (3, 5)])
def test_everything_draws_pictures_of_a_few_pixels(shape) -> None:
    picture = np.full(shape, 0.5, np.float32)
    heat = np.linspace(0, 1, picture.size, dtype=np.float32).reshape(shape)
    for shown in (
        overlay(picture, heat),
        contours(picture, heat),
        difference(picture, heat, 1 - heat),
    ):
        assert shown.shape == (*shape, 3)


def test_contours_of_an_empty_map_are_the_radiograph(picture) -> None:
    shown = contours(picture, np.zeros_like(picture))
    assert np.array_equal(shown, to_rgb(picture))


def test_legends_have_their_size_and_begin_as_they_should() -> None:
    bar = legend(width=100, height=10)
    assert bar.shape == (10, 100, 3)
    assert np.ptp(bar[:, 0]) == 0  # low: the gray below shows
    assert np.ptp(bar[0, -1].astype(int)) > 30
    both = difference_legend(width=100)[0].astype(int)
    assert both[0, 2] > both[0, 0]
    assert both[-1, 0] > both[-1, 2]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((400, 200), (100, 50)), ((200, 400), (50, 100)), ((40, 30), (40, 30))],
)
def test_thumbnail_keeps_the_shape_and_never_grows(shape, expected) -> None:
    small = thumbnail(np.ones(shape, np.float32), 100)
    assert small.shape == expected
    assert (small == 255).all()


def test_png_comes_back_as_it_was_and_jpeg_nearly(picture, hill) -> None:
    shown = overlay(picture, hill)
    for encoded, most in ((encode_png(shown), 0), (encode_jpeg(shown, 100), 24)):
        decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
        off = np.abs(decoded[..., ::-1].astype(int) - shown)
        assert np.quantile(off, 0.9) <= most
    gray = thumbnail(picture, 90)
    back = cv2.imdecode(np.frombuffer(encode_png(gray), np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(back, gray)


def test_caption_says_part_confidence_and_model_in_the_language() -> None:
    wrist = predicts("Wrist", 0.93)
    assert caption_lines(wrist, IDS["Wrist"], "xray-densenet201 1.0") == [
        "Wrist · 93 %",
        "Grad-CAM++ · xray-densenet201 1.0",
    ]
    assert caption_lines(wrist, IDS["Wrist"], "x 1", "es")[0] == "Muñeca · 93 %"
    assert caption_lines(wrist, IDS["Hand"], "x 1")[0] == "Hand · < 1 %"


def test_caption_of_a_rejected_picture_is_no_answer() -> None:
    cat = predicts("Wrist", 0.93, rejected="rejected_colored")
    lines = caption_lines(cat, IDS["Wrist"], "x 1", "es")
    assert lines == ["Muñeca?", MESSAGES["rejected_colored"].text("es"), lines[-1]]
    assert lines[-1].endswith("x 1")


@pytest.mark.parametrize("shape", [(300, 400), (3000, 2000), (240, 241)])
def test_caption_goes_below_and_leaves_the_picture_as_it_is(shape) -> None:
    picture = np.full((*shape, 3), 77, np.uint8)
    shown = add_caption(picture, ["Muñeca · 93%", "Grad-CAM++ · x 1"])
    assert np.array_equal(shown[: shape[0]], picture)
    strip = shown[shape[0] :]
    assert 20 < strip.shape[0] < shape[0] / 2
    letters = strip.max(axis=-1) > 150
    assert letters.any()
    assert not letters[:, -4:].any()  # the text ends before the edge


def test_caption_of_a_narrow_picture_is_not_cut() -> None:
    picture = np.full((200, 30, 3), 77, np.uint8)
    shown = add_caption(picture, ["Columna cervical · 93%"])
    assert shown.shape[1] >= 200
    assert not (shown[200:, -4:].max(axis=-1) > 150).any()


def test_caption_letters_with_accents_are_not_question_marks() -> None:
    blank = np.zeros((10, 300, 3), np.uint8)
    drawn = [add_caption(blank, [text]).tobytes() for text in ("ñ", "á", "·", "?")]
    assert len(set(drawn)) == len(drawn)


def test_outline_runs_where_the_map_is_half_as_high_and_nowhere_else() -> None:
    rows, columns = np.mgrid[:200, :160].astype(np.float32)
    distance = np.hypot(rows - 100, columns - 80)
    heatmap = np.clip(1 - distance / 60, 0, 1)
    picture = to_rgb(np.full((200, 160), 0.4, np.float32))
    changed = (outline(picture, heatmap) != picture).any(axis=-1)
    assert changed.any()
    assert np.abs(distance[changed] - 30).max() < 8


def test_outline_of_a_flat_map_leaves_the_picture_as_it_is() -> None:
    picture = to_rgb(np.full((40, 30), 0.4, np.float32))
    for value in (0, 0.3):
        flat = np.full((40, 30), value, np.float32)
        assert np.array_equal(outline(picture, flat), picture)
