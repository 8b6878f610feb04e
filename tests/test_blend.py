"""Averaging the weights of several runs."""

import json

import numpy as np
import pytest

from xray.cli import main
from xray.errors import ModelError
from xray.lab.training.blend import blend
from xray.network.weights import read_weights, write_weights


@pytest.fixture
def two(tmp_path):
    paths = []
    for value in (1.0, 3.0):
        path = tmp_path / f"{value:g}.npz"
        write_weights(path, {"logits/kernel": np.full((4, 22), value, np.float32)})
        paths.append(path)
    return paths


@pytest.mark.parametrize(
    ("shares", "expected"), [((1, 1), 2.0), ((3, 1), 1.5), ((0.25, 0.75), 2.5)]
)
def test_blend_is_the_weighted_mean(two, shares, expected) -> None:
    mean = blend(list(zip(shares, two, strict=True)))
    np.testing.assert_allclose(mean["logits/kernel"], expected)


@pytest.mark.parametrize("shares", [(0, 0), (2, -1)])
def test_shares_below_zero_are_refused(two, shares) -> None:
    with pytest.raises(ModelError, match="Expected shares above 0"):
        blend(list(zip(shares, two, strict=True)))


def test_other_network_is_refused(two, tmp_path) -> None:
    other = tmp_path / "other.npz"
    write_weights(other, {"logits/kernel": np.zeros((5, 22), np.float32)})
    with pytest.raises(ModelError, match=r"other\.npz has other layers"):
        blend([(1, two[0]), (1, other)])


def test_command_writes_weights_and_card(two, tmp_path) -> None:
    out = tmp_path / "mean.npz"
    assert main(["blend", f"1={two[0]}", f"1={two[1]}", "--out", str(out)]) == 0
    np.testing.assert_allclose(read_weights(out)["logits/kernel"], 2.0)
    card = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert "1 × 3.npz" in card["training"]["how"]["recipe"]


def test_card_says_which_network_a_small_blend_is_of(tmp_path) -> None:
    kernel = np.ones((3, 3, 3, 32), np.float32)
    part, out = tmp_path / "part.npz", tmp_path / "second.npz"
    write_weights(part, {"stem_conv/kernel": kernel})
    assert main(["blend", f"1={part}", "--small", "--out", str(out)]) == 0
    card = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert card["backbone"] == "efficientnet_lite2"
    np.testing.assert_allclose(read_weights(out)["stem_conv/kernel"], kernel)
