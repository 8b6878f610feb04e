"""The model card: belongs to its weights, keeps what is known of their making."""

import pytest

from xray.errors import ModelError
from xray.network.card import card_path, make_card, read_card, write_card


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "network.npz"
    path.write_bytes(b"weights")
    return path


def test_card_survives_its_file(weights) -> None:
    card = make_card(weights)
    card.content["calibration"] = {"temperature": 0.7}
    card.content["rejection"] = {"threshold": 0.2, "file": "known.npz"}
    write_card(card)
    again = read_card(weights)
    assert again.content == card.content
    assert again.temperature == 0.7
    assert again.rejection_thresholds == (0.2, 0.2)
    assert again.known() == weights.with_name("known.npz")


def test_card_without_fits_changes_nothing(weights) -> None:
    card = make_card(weights)
    assert card.temperature == 1
    assert card.rejection_thresholds == (float("inf"), float("inf"))
    assert card.known() is None


def test_card_of_other_weights_is_refused(weights) -> None:
    write_card(make_card(weights))
    weights.write_bytes(b"other weights")
    with pytest.raises(ModelError, match="sha256"):
        read_card(weights)


def test_new_card_keeps_training_and_drops_fits(weights) -> None:
    card = make_card(weights)
    card.content["training"] = {"recipe": "mine"}
    card.content["calibration"] = {"temperature": 2}
    write_card(card)
    weights.write_bytes(b"other weights")
    again = make_card(weights)
    assert again.content["training"] == {"recipe": "mine"}
    assert "calibration" not in again.content


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
