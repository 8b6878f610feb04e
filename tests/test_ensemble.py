"""The ensemble: what two networks say together, and who may be the second."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xray.classify.inference import Inference
from xray.classify.prepared import PreparedPicture
from xray.classify.trust.confidence import softmax
from xray.classify.trust.views import together
from xray.errors import ModelError
from xray.lab.cards import make_card, second_beside
from xray.lab.writing import write_card, write_weights
from xray.network.backbones import find_backbone
from xray.network.card import Calibration, Card, EnsembleSettings, read_card
from xray.network.engine import TrunkOutput
from xray.network.ensemble import SecondNetwork
from xray.network.findings.card import DEFAULT_FINDINGS

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


TEMPERATURE = 2.0
CARD = Card(
    Path("x.json"),
    "x",
    "0" * 64,
    "densenet201",
    calibration=Calibration(TEMPERATURE),
    ensemble=EnsembleSettings("small.npz", "0" * 64, 0.7),
)


class Second:
    """Says wrist, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def logits(self, squares, busy=False):
        self.asked += len(squares)
        logits = np.zeros((len(squares), 22), np.float32)
        logits[:, WRIST] = 3
        return logits


def picture(brightness: float) -> PreparedPicture:
    square = np.full((256, 256), brightness, np.float32)
    return PreparedPicture(square, square, None)


def predict(*pictures: PreparedPicture, second: Any):
    engine: Any = Engine()
    tail: Any = Tail()
    inference = Inference(engine, tail, CARD, None, second)
    found = inference.explain(pictures, None, top=0, busy=False)
    return [each.prediction for each in found]


def test_both_networks_are_asked_of_every_film() -> None:
    second = Second()
    sure, torn = predict(picture(0.9), picture(0.1), second=second)
    assert second.asked == 2
    assert sure.label == HAND
    assert torn.label == WRIST


def test_networks_are_weighed_before_the_temperature() -> None:
    (found,) = predict(picture(0.1), second=Second())
    first = np.log(softmax(Tail().decide(np.array([[-1.0]]))))
    second = np.log(softmax(Second().logits(first)))
    weighed = (0.3 * first + 0.7 * second).astype(np.float32)
    expected = softmax(weighed, TEMPERATURE)
    np.testing.assert_allclose(found.probabilities, expected[0], atol=1e-6)


def test_first_network_may_answer_alone() -> None:
    (found,) = predict(picture(0.9), second=None)
    expected = softmax(Tail().decide(np.array([[1.0]])), TEMPERATURE)
    np.testing.assert_allclose(found.probabilities, expected[0], atol=1e-6)


def test_what_is_added_to_all_logits_of_a_network_changes_nothing() -> None:
    first, second = np.random.default_rng(0).normal(size=(2, 4, 22)).astype(np.float32)
    found = together(first, second, 0.4)
    np.testing.assert_allclose(together(first + 5, second - 3, 0.4), found, atol=1e-5)
    assert softmax(together(first, first, 0.4)) == pytest.approx(softmax(first), 1e-4)


def test_part_that_one_network_rules_out_stays_out() -> None:
    first = np.zeros((1, 22), np.float32)
    first[0, HAND] = -30
    second = np.zeros((1, 22), np.float32)
    second[0, HAND] = 3
    assert softmax(together(first, second, 0.7))[0, HAND] < 0.01


def test_another_network_is_not_asked(tmp_path) -> None:
    path = tmp_path / "second.npz"
    write_weights(path, {"conv1_conv/kernel": np.zeros((7, 7, 3, 64), np.float32)})
    square = np.zeros((1, 256, 256), np.float32)
    for expected in (None, "0" * 64):
        with pytest.raises(ModelError, match=r"second\.npz.* is another file"):
            SecondNetwork(path, expected).logits(square)
    with pytest.raises(ModelError, match="could not read"):
        SecondNetwork(tmp_path / "gone.npz").logits(square)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("stem_conv", "efficientnet_lite2"),
        ("conv1_conv", "densenet201"),
        ("fc", "densenet201"),
    ],
)
def test_weights_without_a_card_are_known_by_a_layer(layer, expected) -> None:
    weights = {f"{layer}/kernel": np.zeros((3, 3, 3, 32), np.float32)}
    assert find_backbone(weights) == expected


def test_only_one_small_network_may_lie_beside(tmp_path) -> None:
    first = tmp_path / "densenet201.npz"
    for suffix in (".npz", ".json"):  # no network of body parts
        shipped = DEFAULT_FINDINGS.with_suffix(suffix)
        shutil.copy(shipped, tmp_path)
    assert second_beside(first) is None
    for number in (1, 2):
        path = tmp_path / f"small{number}.npz"
        write_weights(path, {"any/kernel": np.zeros(1, np.float32)})
        write_card(make_card(path, "efficientnet_lite2"))
        if number == 1:
            assert second_beside(first) == path
    with pytest.raises(ModelError, match=r"small1\.npz, small2\.npz"):
        second_beside(first)


def test_card_names_the_second_network(tmp_path) -> None:
    path = tmp_path / "densenet201.npz"
    write_weights(path, {"any/kernel": np.zeros(1, np.float32)})
    card = make_card(path)
    assert card.second() is None
    assert SecondNetwork.of(card) is None
    small = tmp_path / "small.npz"
    write_weights(small, {"any/kernel": np.zeros(1, np.float32)})
    write_card(make_card(small, "efficientnet_lite2"))
    settings = EnsembleSettings("small.npz", "0" * 64, 0.6)
    write_card(replace(card, ensemble=settings))
    read = read_card(path)
    assert read.ensemble == settings
    assert read.second().name == "xray-small"
    with pytest.raises(ModelError, match=r"small\.npz is another file"):
        SecondNetwork.of(read).logits(np.zeros((1, 256, 256), np.float32))
