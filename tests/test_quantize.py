"""The light variant: what its file holds, when it is served."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from xray.classifier import Classifier
from xray.errors import ModelError
from xray.network import card as card_module
from xray.network.card import card_path, choose_weights, read_card
from xray.network.trunk import build_trunk, pack_trunk
from xray.network.weights import DEFAULT_WEIGHTS, read_weights, write_weights
from xray.training import quantize as quantize_module
from xray.training.dataset import Film
from xray.training.quantize import quantize

FILMS = Path(__file__).parent / "films"


def film(name: str, part: int) -> Film:
    return Film(FILMS / f"{name}.jpg", (part,), name, 0, "test")


def test_quantize_writes_a_file_that_serves_without_the_full_weights(
    tmp_path: Path, monkeypatch
) -> None:
    # NNCF takes minutes for this network: here the trunk keeps its numbers.
    monkeypatch.setattr(
        quantize_module, "_quantized_trunk", lambda arrays, _: build_trunk(arrays)
    )
    out = tmp_path / "light.npz"
    found = quantize(DEFAULT_WEIGHTS, [film("hand", 9)], [film("knee", 11)], out)
    assert found.same_answer == 1
    assert found.map_correlation > 0.98
    card = read_card(out).content
    assert card["light"]["qualifies"] is True
    assert card["made_from"] == read_card(DEFAULT_WEIGHTS).content["sha256"]
    light, full = Classifier.load(out), Classifier.load(DEFAULT_WEIGHTS)
    picture = FILMS / "hand.jpg"
    found, expected = light.predict([picture])[0], full.predict([picture])[0]
    assert np.allclose(found.probabilities, expected.probabilities, atol=0.02)


def test_quantize_without_nncf_says_what_to_install(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "nncf", None)
    with pytest.raises(ModelError, match=r"requirements-bench\.txt"):
        quantize(DEFAULT_WEIGHTS, [film("hand", 9)], [], tmp_path / "light.npz")


@pytest.fixture
def models(tmp_path: Path, monkeypatch) -> Path:
    """A models folder whose light variant is as good as the full weights."""
    for name in ("full", "light"):
        path = tmp_path / f"{name}.npz"
        monkeypatch.setattr(
            card_module,
            {"full": "DEFAULT_WEIGHTS", "light": "LIGHT_WEIGHTS"}[name],
            path,
        )
    write(tmp_path / "full.npz", sha256="a")
    write(tmp_path / "light.npz", made_from="a", light={"qualifies": True})
    return tmp_path


def write(weights: Path, **content: object) -> None:
    card_path(weights).write_text(json.dumps(content))


def test_choose_weights_light_variant_as_good_is_served(models: Path) -> None:
    assert choose_weights() == models / "light.npz"
    assert choose_weights(light=False) == models / "full.npz"


@pytest.mark.parametrize(
    "content",
    [
        {"made_from": "a", "light": {"qualifies": False}},
        {"made_from": "older weights", "light": {"qualifies": True}},
        {},
    ],
)
def test_choose_weights_light_variant_worse_or_older_is_not(models, content) -> None:
    write(models / "light.npz", **content)
    assert choose_weights() == models / "full.npz"


def test_choose_weights_without_light_variant_takes_the_full(models: Path) -> None:
    card_path(models / "light.npz").unlink()
    assert choose_weights() == models / "full.npz"


def test_shipped_weights_are_small_enough_to_clone() -> None:
    files = DEFAULT_WEIGHTS.parent.rglob("*.*")
    sizes = [path.stat().st_size for path in files if path.is_file()]
    assert max(sizes) <= 45e6
    assert sum(sizes) < 60e6


def test_packed_trunk_survives_the_file(tmp_path: Path) -> None:
    packed = pack_trunk(build_trunk(read_weights(DEFAULT_WEIGHTS), "pool2_pool"))
    write_weights(tmp_path / "w.npz", packed)
    found = read_weights(tmp_path / "w.npz")
    for name, array in packed.items():
        assert np.array_equal(found[name], array)
        assert found[name].dtype == np.uint8
