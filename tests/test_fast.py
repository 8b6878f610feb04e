"""The fast way: what the small network answers alone, and what is asked of both."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.archives import radiograph, write
from tests.predictions import predicts
from xray.classify.classifier import Classifier
from xray.classify.pipeline import Source, classify_all
from xray.classify.trust.fast import FastWay, require_fast
from xray.classify.trust.rejection import OodDetector, unit_features
from xray.cli import main
from xray.errors import ModelError
from xray.lab.evaluation.fast import (
    MOST_DIFFERENT,
    BothWays,
    choose,
    fast_figures,
    least_confidence,
)
from xray.lab.training.dataset import Film
from xray.labels import OTHERS
from xray.network.card import Card, EnsembleSettings, Fast
from xray.network.engine import TrunkOutput
from xray.network.local_card import LocalCard
from xray.network.weights import DEFAULT_WEIGHTS

HAND, WRIST = 9, 21
SETTINGS = Fast("known.npz", "0" * 64, 1.0, 0.95, 0.1)
CARD = Card(
    Path("x.json"),
    "x",
    "0" * 64,
    "densenet201",
    ensemble=EnsembleSettings("small.npz", "0" * 64, 0.7),
    fast=SETTINGS,
)
SEEN, UNSEEN = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])


class Engine:
    """Counts the films that it is asked about."""

    name = "counts"

    def __init__(self) -> None:
        self.asked = 0

    def forward(self, squares, busy=False, maps=True) -> TrunkOutput:
        self.asked += len(squares)
        activations = np.ones((len(squares), 8, 8, 4), np.float32) if maps else None
        return TrunkOutput(squares.mean(axis=(1, 2))[:, None], activations)


class Tail:
    """Says wrist, and that all of the film speaks for it."""

    def decide(self, features):
        logits = np.zeros((len(features), 22), np.float32)
        logits[:, WRIST] = 9
        return logits

    def gradients_in_turn(self, activations, choices):
        return [np.ones_like(activations) for _ in choices]


class Small:
    """Sees in a film what it was told to."""

    def __init__(self, label=HAND, logit=9.0, features=SEEN) -> None:
        self.label, self.logit, self.features = label, logit, features

    def measure(self, squares, busy=False):
        logits = np.zeros((len(squares), 22), np.float32)
        logits[:, self.label] = self.logit
        return logits, np.repeat(self.features, len(squares), axis=0)

    def logits(self, squares, busy=False):
        return self.measure(squares, busy)[0]


def make_classifier(small: Small) -> tuple[Classifier, Engine]:
    axes = np.eye(2, dtype=np.float32)
    known = unit_features(SEEN.astype(np.float32))
    detector = OodDetector(np.zeros(2, np.float32), axes, known)
    engine = Engine()
    fast = FastWay(SETTINGS, detector)
    made: Any = (engine, Tail(), CARD, None, small)
    return Classifier(*made, fast=lambda: fast), engine


@pytest.fixture
def film() -> np.ndarray:
    return (
        np.random.default_rng(0).random((64, 64)).cumsum(axis=0).astype(np.float32) / 64
    )


def test_small_network_answers_alone_what_it_is_sure_of_and_has_seen(film) -> None:
    classifier, engine = make_classifier(Small())
    (found,) = classifier.explain_all([film], top=0, fast=True)
    assert (found.prediction.label, found.prediction.networks) == (HAND, 1)
    assert engine.asked == 0
    assert found.maps == {}


@pytest.mark.parametrize(
    "small",
    [
        Small(logit=5.0),  # 0.88
        Small(features=UNSEEN),
        Small(label=OTHERS),
    ],
    ids=["unsure", "unfamiliar", "none of the parts"],
)
def test_both_are_asked_of_the_rest(film, small) -> None:
    classifier, engine = make_classifier(small)
    (found,) = classifier.explain_all([film], top=0, fast=True)
    assert found.prediction.networks == 2
    assert engine.asked == 1
    (slow,) = classifier.explain_all([film], top=0)
    np.testing.assert_array_equal(
        found.prediction.probabilities, slow.prediction.probabilities
    )


def test_picture_that_is_no_radiograph_is_asked_of_both() -> None:
    classifier, engine = make_classifier(Small())
    (found,) = classifier.explain_all(
        [np.zeros((64, 64), np.float32)], top=0, fast=True
    )
    assert found.prediction.rejected == "rejected_blank"
    assert engine.asked == 1


def test_maps_are_of_both(film) -> None:
    classifier, engine = make_classifier(Small())
    (found,) = classifier.explain_all([film], top=1, fast=True)
    assert engine.asked == 1
    assert len(found.maps) == 1


def test_films_of_a_batch_keep_their_order(film) -> None:
    classifier, engine = make_classifier(Small())
    blank = np.zeros((64, 64), np.float32)
    found = classifier.explain_all([film, blank, film], top=0, fast=True)
    assert [each.prediction.networks for each in found] == [1, 2, 1]
    assert engine.asked == 1


@pytest.mark.parametrize(
    ("term", "networks", "maps"), [("HAND", 1, 0), ("WRIST", 1, 0), ("SKULL", 2, 1)]
)
def test_header_that_would_be_contradicted_is_asked_of_both(
    term, networks, maps, film, tmp_path
) -> None:
    classifier, _ = make_classifier(Small())
    pixels = (film / film.max() * 255).astype(np.uint8)
    path = tmp_path / "film.dcm"
    write(path, radiograph(pixels, BodyPartExamined=term))
    (found,) = classify_all(classifier, [Source("film", path)], fast=True)
    assert found.explanation is not None
    assert found.explanation.prediction.networks == networks
    assert len(found.explanation.maps) == maps


def test_card_without_thresholds_is_refused() -> None:
    with pytest.raises(ModelError, match=r"--fit.* Received: none"):
        require_fast(replace(CARD, fast=None))
    with pytest.raises(ModelError, match="Received: local card ward"):
        require_fast(CARD, LocalCard("ward", "0" * 64, 1.0, 0.9, 0.01, 9, 9, "", {}))
    require_fast(CARD)


def test_features_of_another_file_are_refused(tmp_path) -> None:
    card = replace(CARD, path=tmp_path / "x.json")
    with pytest.raises(ModelError, match=r"known\.npz, could not read"):
        FastWay.load(card)
    (tmp_path / "known.npz").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"known\.npz is another file"):
        FastWay.load(card)
    assert FastWay.load(replace(card, fast=None)) is None


def test_maps_and_the_fast_way_exclude_each_other(tmp_path, capsys) -> None:
    with pytest.raises(SystemExit) as status:
        main(["predict", "--fast", "--heatmaps", str(tmp_path), "film.png"])
    assert status.value.code == 2
    assert "expected --fast or --heatmaps" in capsys.readouterr().err


def said_by(labels, logits, seen, bands) -> BothWays:
    """Make what the small network and both said of as many films."""
    alone = np.zeros((len(labels), 22), np.float32)
    alone[np.arange(len(labels)), labels] = logits
    features = np.where(np.array(seen)[:, None], SEEN, UNSEEN).astype(np.float32)
    films = [Film(Path("x"), (HAND,), "g", 0, "home")] * len(labels)
    known = OodDetector(
        np.zeros(2, np.float32),
        np.eye(2, dtype=np.float32),
        unit_features(SEEN.astype(np.float32)),
    )
    answers = [predicts("Hand", each) for each in bands]
    return BothWays(films, alone, features, answers, known)


def test_answers_differ_by_part_or_by_doubt() -> None:
    said = said_by(
        [HAND, WRIST, HAND, HAND, HAND, OTHERS],
        [9, 9, 9, 9, 5, 9],
        [True, True, True, False, True, True],
        [0.99, 0.99, 0.85, 0.5, 0.5, 0.5],
    )
    assert fast_figures(SETTINGS, said) == {
        "films": 6,
        "alone": 0.5,
        "differ": 1,
        "other_color": 1,
    }


def test_thresholds_come_from_the_answers() -> None:
    random = np.random.default_rng(0)
    logits = random.uniform(5, 12, 2000)
    both = np.where(logits > 8, 0.85, 0.5)  # below, both together are in doubt
    said = said_by([HAND] * 2000, logits, [True] * 1950 + [False] * 50, both)
    right = random.random(2000) < 1 / (1 + 21 * np.exp(-logits))  # calibrated as it is
    films = [
        replace(film, targets=(HAND if each else WRIST,))
        for film, each in zip(said.films, right, strict=True)
    ]
    said = replace(said, films=films)
    confidence, distance, temperature = choose([said], [said])
    settings = Fast("known.npz", "", temperature, confidence, distance)
    found = fast_figures(settings, said)
    assert found["differ"] + 1 <= MOST_DIFFERENT * 2001
    assert temperature == pytest.approx(1, abs=0.1)
    assert found["alone"] == pytest.approx(np.mean(logits[:1950] > 8) * 0.975, abs=0.02)


def test_confidence_lets_few_answers_differ() -> None:
    answers = 4000
    confidences = np.linspace(1, 0.9, answers, endpoint=False)
    differ = np.zeros(answers, bool)
    differ[1000::100] = True  # the surest thousand are all the same
    found = least_confidence(confidences, differ, answers)
    stands = confidences >= found
    assert differ[stands].sum() + 1 <= MOST_DIFFERENT * (answers + 1)
    assert stands.sum() == 1700  # seven differ, and the eighth is one too many


def test_too_few_films_prove_nothing() -> None:
    assert least_confidence(np.full(9, 0.99), np.zeros(9, bool), 9) == 1
    many = np.linspace(1, 0.95, 600)
    assert least_confidence(many, np.zeros(600, bool), 600) < 0.95
    assert least_confidence(many, np.ones(600, bool), 600) == 1


def test_reference_films_are_not_read_before_the_fast_way_is_asked(
    tmp_path: Path,
) -> None:
    for file in DEFAULT_WEIGHTS.parent.glob("*.*"):
        if file.suffix in (".npz", ".json") and "lite2_known" not in file.name:
            shutil.copy(file, tmp_path / file.name)
    classifier = Classifier.load(tmp_path / DEFAULT_WEIGHTS.name)
    with pytest.raises(ModelError):
        classifier.require_fast()
