"""The ensemble: asked only where the first network is not sure; what both then say."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.predictions import predicts
from xray.classify.inference import Inference
from xray.classify.prepared import PreparedPicture
from xray.classify.trust.confidence import recalibrate, softmax
from xray.classify.trust.pose import POSES, UPRIGHT
from xray.classify.trust.views import (
    needs_ensemble,
    together,
)
from xray.image import fit_square, stretch_contrast
from xray.labels import BODY_PARTS
from xray.messages import MESSAGES
from xray.network.card import Card, EnsembleSettings, Member
from xray.network.engine import TrunkOutput
from xray.records.answer import as_record

HAND, WRIST = 9, 21


class Engine:
    """Puts out the mean of each square, so that films can be told apart."""

    name = "means"

    def forward(self, squares, busy=False, maps=True) -> TrunkOutput:
        return TrunkOutput(squares.mean(axis=(1, 2))[:, None], None)


class Tail:
    """Is sure of a hand in bright squares, and torn in dark ones."""

    def decide(self, features):
        logits = np.zeros((len(features), 22), np.float32)
        logits[:, HAND] = np.where(features[:, 0] > 0, 9, 1)
        return logits


SETTINGS = EnsembleSettings((Member("x.npz", "0" * 64),), temperature=2.0)
CARD = Card(Path("x.json"), "x", "0" * 64, "densenet201", ensemble=SETTINGS)


class Reader:
    """Says wrist, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def answers(self, squares, closer, busy=False):
        self.asked += len(squares)
        answers = np.full((len(squares), 22), 0.1 / 21, np.float32)
        answers[:, WRIST] = 0.9
        return answers


def picture(brightness: float, fault: str | None = None) -> PreparedPicture:
    square = np.full((256, 256), brightness, np.float32)
    return PreparedPicture(square, square, fault)


def predict(*pictures: PreparedPicture, reader: Reader | None):
    inference = Inference(Engine(), Tail(), CARD, None, reader)
    found = inference.explain(pictures, None, top=0, busy=False)
    return [each.prediction for each in found]


def test_only_unsure_films_are_read_twice() -> None:
    reader = Reader()
    sure, unsure = predict(picture(0.9), picture(0.1), reader=reader)
    assert reader.asked == 1
    assert (sure.label, sure.read_twice) == (HAND, False)
    assert (unsure.label, unsure.read_twice) == (WRIST, True)


def test_both_readers_are_weighed_with_their_own_temperatures() -> None:
    (found,) = predict(picture(0.1), reader=Reader())
    first = softmax(Tail().decide(np.array([[-1.0]])))
    second = recalibrate(
        Reader().answers(first, first.__getitem__), SETTINGS.temperature
    )
    expected = (1 - SETTINGS.counts) * first + SETTINGS.counts * second
    np.testing.assert_allclose(found.probabilities, expected[0], atol=1e-6)
    np.testing.assert_allclose(found.probabilities.sum(), 1, atol=1e-6)


def test_sure_film_is_answered_as_without_an_ensemble() -> None:
    (alone,) = predict(picture(0.9), reader=None)
    (beside,) = predict(picture(0.9), picture(0.1), reader=Reader())[:1]
    np.testing.assert_array_equal(alone.probabilities, beside.probabilities)


def test_no_ensemble_is_asked_of_what_is_no_radiograph() -> None:
    reader = Reader()
    (found,) = predict(picture(0.1, fault="rejected_blank"), reader=reader)
    assert reader.asked == 0
    assert not found.read_twice
    assert found.rejected == "rejected_blank"


def test_asked_is_who_is_below_the_line() -> None:
    first = np.zeros((3, 22), np.float32)
    first[:, 0] = (SETTINGS.asked_below - 0.01, SETTINGS.asked_below, 1.0)
    assert needs_ensemble(first, SETTINGS).tolist() == [True, False, False]
    assert together(first, first, SETTINGS) == pytest.approx(first)


def test_recalibration_at_one_changes_nothing() -> None:
    probabilities = softmax(np.random.default_rng(0).normal(size=(4, 22)))
    np.testing.assert_allclose(recalibrate(probabilities, 1), probabilities, atol=1e-6)
    flat = recalibrate(probabilities, 3)
    assert np.all(flat.max(axis=1) < probabilities.max(axis=1))


def test_reading_twice_is_said_on_the_page_and_in_json() -> None:
    twice = replace(predicts("Hand"), read_twice=True)
    (notice,) = twice.notices
    assert "second network" in MESSAGES[notice.key].text()
    assert json.loads(json.dumps(as_record(twice, None)))["read_twice"] is True
    assert as_record(predicts("Hand"), None)["read_twice"] is False
    assert len(BODY_PARTS) == len(twice.probabilities)


def test_closer_view_is_at_the_middle_of_the_film_as_it_would_lie() -> None:
    seen: list[np.ndarray] = []

    class Nosy(Reader):
        def answers(self, squares, closer, busy=False):
            seen.extend(closer(number) for number in range(len(squares)))
            return super().answers(squares, closer, busy)

    pixels = np.zeros((130, 130), np.float32)
    pixels[20:40, 20:40] = 0.3  # above on the left, inside the middle 100 x 100
    pixels[60, 60] = 0.31
    film = PreparedPicture.of(pixels)
    posed = [(film, UPRIGHT), (film, POSES[1])]
    inference = Inference(Engine(), Tail(), CARD, None, Nosy())
    inference.view_in_poses(posed, busy=False, maps=False)
    upright, turned = seen
    expected = stretch_contrast(fit_square(pixels[15:115, 15:115]))
    np.testing.assert_allclose(upright, expected)
    np.testing.assert_array_equal(turned, np.rot90(upright, -1))
