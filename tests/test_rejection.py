"""Rejection: what is no radiograph is told apart; known radiographs pass."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from xray.classify.trust.confidence import Band
from xray.classify.trust.rejection import fault, is_ood, roughness
from xray.image import fit_square, stretch_contrast
from xray.lab.evaluation.references import fit_detector
from xray.lab.evaluation.strangers import make_strangers
from xray.labels import OTHERS
from xray.messages import MESSAGES
from xray.reading.raster import is_colored

RANDOM = np.random.default_rng(0)
STRANGERS = make_strangers()


def fault_of(image: np.ndarray, colored: bool = False) -> str | None:
    return fault(image, stretch_contrast(fit_square(image)), colored)


def film(height: int = 200, width: int = 150) -> np.ndarray:
    rows, columns = np.indices((height, width)) / 8
    return (0.5 + 0.3 * np.sin(rows) * np.cos(columns)).astype(np.float32)


def photograph(**how: float) -> Image.Image:
    hue = np.linspace(0, 255, 200).astype(np.uint8)
    bands = [np.tile(hue, (120, 1)), np.full((120, 200), 200, np.uint8)]
    value = np.tile(np.linspace(90, 255, 120).astype(np.uint8)[:, None], (1, 200))
    return Image.merge(
        "HSV", [Image.fromarray(each) for each in (*bands, value)]
    ).convert("RGB")


def test_every_reason_is_in_the_catalog() -> None:
    for name in ("colored", "small", "blank", "smooth", "rough", "unfamiliar"):
        message = MESSAGES[f"rejected_{name}"]
        assert message.english != message.spanish


def test_faults_are_found_and_films_pass() -> None:
    assert fault_of(film()) is None
    assert fault_of(film(), colored=True) == "rejected_colored"
    assert fault_of(film(200, 31)) == "rejected_small"
    assert fault_of(film() * np.float32(0.01)) == "rejected_blank"


@pytest.mark.parametrize("kind", ["noise", "printed text"])
def test_noise_and_text_are_rough(kind) -> None:
    assert [fault_of(each) for each in STRANGERS[kind]] == ["rejected_rough"] * len(
        STRANGERS[kind]
    )


def test_gradients_are_smooth() -> None:
    assert {fault_of(each) for each in STRANGERS["gradients"]} == {"rejected_smooth"}


def test_blank_exposures_are_rejected() -> None:
    assert {fault_of(each) for each in STRANGERS["blank"]} == {"rejected_blank"}


def test_real_films_are_smooth(films) -> None:
    for data in films.values():
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(
            np.float32
        ) / np.float32(255)
        assert roughness(stretch_contrast(fit_square(pixels))) < 0.12


def test_roughness_is_1_for_white_noise_and_ignores_brightness() -> None:
    noise = RANDOM.normal(0, 1, (300, 300)).astype(np.float32)
    assert roughness(noise) == pytest.approx(1, abs=0.02)
    assert roughness(noise * 5 + 3) == pytest.approx(roughness(noise), abs=1e-4)


def test_photographs_are_colored_and_tinted_films_are_not() -> None:
    assert is_colored(photograph())
    gray = np.round(film() * 255)
    tinted = np.stack([gray * 0.6, gray * 0.8, 40 + gray * 0.8], axis=-1)
    assert not is_colored(Image.fromarray(tinted.astype(np.uint8)))
    assert not is_colored(Image.fromarray(gray.astype(np.uint8)))


def test_a_colored_marker_does_not_make_a_film_colored() -> None:
    marked = np.repeat(np.round(film() * 255)[..., None], 3, axis=-1).astype(np.uint8)
    marked[5:25, 5:45] = (255, 0, 0)
    assert not is_colored(Image.fromarray(marked))


@given(st.floats(0.1, 50))
def test_distance_ignores_the_length_of_features(scale) -> None:
    known = RANDOM.random((20, 30)).astype(np.float32)
    detector = fit_detector(known, axes=8)
    other = RANDOM.random((5, 30)).astype(np.float32)
    np.testing.assert_allclose(
        detector.distances(other * np.float32(scale)),
        detector.distances(other),
        atol=1e-5,
    )


def test_known_radiographs_lie_at_no_distance_when_all_axes_are_kept() -> None:
    known = RANDOM.random((12, 30)).astype(np.float32)
    detector = fit_detector(known, axes=12)
    assert detector.distances(known).max() < 1e-3
    assert detector.distances(1 - known).min() > 1e-3


def test_distance_with_all_axes_is_hellingers() -> None:
    known = RANDOM.random((40, 6)).astype(np.float32)
    other = RANDOM.random((3, 6)).astype(np.float32)
    roots = [
        np.sqrt(x / np.linalg.norm(np.sqrt(x), axis=1, keepdims=True) ** 2)
        for x in (known, other)
    ]
    expected = ((roots[1][:, None] - roots[0]) ** 2).sum(axis=2).min(axis=1)
    found = fit_detector(known, axes=6).distances(other)
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_surer_answers_may_lie_farther_from_known_radiographs() -> None:
    distances = np.array([0.1, 0.15, 0.15, 0.3])
    confidences = np.array([0.4, 0.69, 0.7, 0.99], np.float32)
    found = is_ood(distances, confidences, (0.12, 0.2))
    assert found.tolist() == [False, True, False, True]


def test_no_stranger_is_called_a_body_part_in_green(classifier) -> None:
    pictures = [picture for kind in STRANGERS.values() for picture in kind]
    for prediction in classifier.predict(pictures):
        assert prediction.band is not Band.HIGH or prediction.label == OTHERS


@pytest.mark.parametrize("shape", [(20_000, 33), (33, 20_000)])
def test_film_of_one_column_in_the_square_is_answered(classifier, shape) -> None:
    strip = np.linspace(0, 1, 20_000 * 33, dtype=np.float32).reshape(shape)
    explanation = classifier.explain(strip)
    assert explanation.heatmap.shape == shape
    assert np.isfinite(explanation.prediction.probabilities).all()
    noise = np.random.default_rng(0).random(shape, np.float32)
    assert classifier.predict([noise])[0].rejected == "rejected_rough"


def test_photograph_is_rejected_through_the_door(classifier) -> None:
    data = io.BytesIO()
    photograph().save(data, "PNG")
    (prediction,) = classifier.predict([data.getvalue()])
    assert prediction.rejected == "rejected_colored"
    assert prediction.band is Band.LOW


def test_real_films_are_not_rejected(classifier, films) -> None:
    rejected = [each.rejected for each in classifier.predict(list(films.values()))]
    assert rejected == [None] * len(films)
