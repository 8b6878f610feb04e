"""The model card: belongs to its weights, keeps what is known of their making."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.predictions import a_local_card
from xray.errors import ModelError
from xray.lab.cards import make_card
from xray.lab.writing import write_card, write_local_card
from xray.network.backbones import BACKBONES
from xray.network.card import (
    Calibration,
    Card,
    EnsembleSettings,
    Fast,
    Rejection,
    Training,
    card_path,
    read_card,
)


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "network.npz"
    path.write_bytes(b"weights")
    return path


def fitted(weights) -> Card:
    return replace(
        make_card(weights),
        calibration=Calibration(0.7, "fold 0 by patient", 8),
        rejection=Rejection("known.npz", "0" * 64, 0.2, 0.3),
        ensemble=EnsembleSettings("second.npz", "1" * 64, 0.8),
        fast=Fast("fast.npz", "2" * 64, 1.0, 0.9, 0.5),
    )


def test_card_survives_its_file(weights) -> None:
    card = fitted(weights).with_figures(data=[{"class": "Hand", "films": 3}])
    write_card(card)
    again = read_card(weights)
    assert again == card
    assert again.rejection_thresholds == (0.2, 0.3)
    assert again.references() == weights.with_name("known.npz")
    assert len(list(weights.parent.iterdir())) == 2  # nothing half written


def test_card_without_fits_changes_nothing(weights) -> None:
    card = make_card(weights)
    assert card.calibration.temperature == 1
    assert card.rejection_thresholds == (float("inf"), float("inf"))
    assert card.references() is None
    assert card.second() is None


@pytest.mark.parametrize(
    ("section", "key", "value", "complaint"),
    [
        (None, "classes", ["Hand"], "classes"),
        (None, "backbone", "abacus", "one of densenet201, efficientnet_lite2"),
        (None, "second_reader", {}, "no second_reader"),
        (None, "sha256", None, "sha256"),
        ("calibration", "temperature", 0, "calibration.temperature: from 0.01 to 100"),
        ("calibration", "temperature", "1", "temperature: float, received '1'"),
        ("parts", "threshold", 1.5, "parts.threshold: from 0 to 1, received 1.5"),
        ("rejection", "threshold", -1, "rejection.threshold: from 0 to 2"),
        ("rejection", "file", "../known.npz", "rejection.file: a file beside"),
        ("views", "most", -1, "views.most: from 0 to 9, received -1"),
        ("views", "first_counts", 0, "views.first_counts: from 0.01 to 100"),
        ("views", "ood_counts", -0.1, "views.ood_counts: from 0.001 to 1"),
        ("fast", "file", "..\\known.npz", "fast.file: a file beside the card"),
        ("ensemble", "file", "/etc/second.npz", "ensemble.file: a file beside"),
        ("ensemble", "file", "..", "ensemble.file: a file beside"),
        ("ensemble", "share", 2, "ensemble.share: from 0 to 1"),
        ("ensemble", "sha256", 1, "ensemble.sha256: str, received 1"),
    ],
)
def test_card_that_cannot_be_true_is_refused_by_name(
    weights, section, key, value, complaint
) -> None:
    write_card(fitted(weights))
    content = json.loads(card_path(weights).read_text(encoding="utf-8"))
    (content[section] if section else content)[key] = value
    card_path(weights).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelError, match=re.escape(complaint)) as refused:
        read_card(weights)
    assert "network.json" in str(refused.value)
    assert "Restore both files" in str(refused.value)


@pytest.mark.parametrize("key", BACKBONES)
@pytest.mark.parametrize("logits", [21, 23, None])
def test_weights_with_another_number_of_logits_are_refused(key, logits) -> None:
    weights = {BACKBONES[key].first_kernel: np.zeros(1, np.float32)}
    if logits is not None:
        weights["logits/bias"] = np.zeros(logits, np.float32)
    with pytest.raises(
        ModelError, match=r"with 22 logits, received .* x\.npz is another file"
    ):
        BACKBONES[key].check(weights, "x.npz")


@pytest.mark.parametrize("key", BACKBONES)
def test_weights_of_another_backbone_are_refused(key) -> None:
    weights = {"logits/bias": np.zeros(22, np.float32)}
    with pytest.raises(ModelError, match=f"received no {BACKBONES[key].first_kernel}"):
        BACKBONES[key].check(weights, "x.npz")


def test_card_that_cannot_be_written_leaves_the_old_one(weights, monkeypatch) -> None:
    write_card(make_card(weights))
    before = card_path(weights).read_bytes()
    with pytest.raises(TypeError, match="not JSON serializable"):
        write_card(make_card(weights).with_figures(data=object()))
    assert card_path(weights).read_bytes() == before


def test_local_card_that_cannot_be_written_leaves_the_old_one(
    tmp_path, monkeypatch
) -> None:
    path = tmp_path / "clinic.json"
    write_local_card(a_local_card("clinic", "0" * 64), path)
    before = path.read_bytes()
    write = Path.write_text

    def torn(self: Path, text: str, **words: str) -> None:
        write(self, text[:20], **words)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", torn)
    with pytest.raises(ModelError, match="No space left"):
        write_local_card(a_local_card("clinic", "1" * 64), path)
    assert path.read_bytes() == before


def test_card_of_other_weights_is_refused(weights) -> None:
    write_card(make_card(weights))
    weights.write_bytes(b"other weights")
    with pytest.raises(ModelError, match="sha256"):
        read_card(weights)


def test_new_card_keeps_training_and_drops_fits(weights) -> None:
    training = Training(films=3, how={"recipe": "mine"})
    write_card(replace(fitted(weights), training=training))
    weights.write_bytes(b"other weights")
    again = make_card(weights)
    assert again.training == training
    assert again.calibration == Calibration()
    assert again.rejection is None


@pytest.mark.parametrize("text", [None, "", "{"])
def test_missing_or_damaged_card_is_a_model_error(weights, text) -> None:
    if text is not None:
        card_path(weights).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"network\.json"):
        read_card(weights)


def test_version_tells_weights_apart(weights) -> None:
    before = make_card(weights).version
    assert before.startswith("xray-network ")
    weights.write_bytes(b"other weights")
    assert make_card(weights).version != before
