"""EfficientNet-Lite2: its shape, its start, its compiled answers, its 8 bits."""

import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tests.lively import lively_weights
from xray.classify.trust.confidence import softmax
from xray.errors import ModelError
from xray.image import resize
from xray.lab.cards import make_card
from xray.lab.training.densenet import get_weights, set_weights
from xray.lab.training.efficientnet import build_efficientnet
from xray.lab.training.ranges import answers, measure_ranges
from xray.lab.training.recipes import RECIPES
from xray.lab.writing import write_weights
from xray.network.backbones import find_backbone
from xray.network.efficientnet.blocks import BLOCKS
from xray.network.ensemble import SIZE, SecondNetwork
from xray.network.weights import RANGE, read_weights

IMAGENET = 6_092_072  # trainable parameters, with 1,000 classes


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return build_efficientnet()


@pytest.fixture(scope="module")
def lively(network) -> dict[str, np.ndarray]:
    return lively_weights(network)


def test_network_is_lite2(network) -> None:
    assert len(BLOCKS) == 21
    trainable = sum(int(np.prod(each.shape)) for each in network.trainable_variables)
    assert trainable == IMAGENET + (1280 + 1) * (22 - 1000)
    assert RECIPES["efficientnet"].phases[0].size == SIZE


def test_card_names_the_network(lively, tmp_path) -> None:
    path = tmp_path / "efficientnet.npz"
    write_weights(path, lively)
    card = make_card(path, find_backbone(read_weights(path)))
    assert card.backbone == "efficientnet_lite2"
    assert card.network.layers.startswith("EfficientNet-Lite2")
    assert "192 x 192" in card.network.input


@pytest.mark.slow
def test_compiled_answers_are_those_of_keras(network, lively, tmp_path) -> None:
    path = tmp_path / "efficientnet.npz"
    write_weights(path, lively)
    set_weights(network, read_weights(path))
    random = np.random.default_rng(0)
    squares = random.random((2, SIZE, SIZE), np.float32)
    found = softmax(SecondNetwork(path).measure(squares)[0])
    pictures = np.repeat(squares[..., None] * 2 - 1, 3, axis=-1)
    expected = network.predict_on_batch(pictures)
    assert np.ptp(expected) > 0.03
    np.testing.assert_allclose(found, expected, atol=0.02)
    exact = answers(read_weights(path), [*squares])
    np.testing.assert_allclose(exact, expected, atol=1e-3)


@pytest.mark.slow
def test_each_film_is_seen_again_mirrored_and_smaller(lively, tmp_path) -> None:
    path = tmp_path / "efficientnet.npz"
    write_weights(path, lively)
    square = np.random.default_rng(2).random((1, SIZE, SIZE), np.float32)
    again = np.zeros_like(square)
    again[0, 16:-16, 16:-16] = resize(square[0], 160, 160)[:, ::-1]
    network = SecondNetwork(path)
    first, second = (network.measure(each)[0] for each in (square, again))
    assert np.abs(first - second).max() > 1e-3
    np.testing.assert_allclose(network.logits(square), (first + second) / 2, atol=1e-5)


@pytest.mark.slow
def test_ranges_are_what_enters_and_eight_bits_follow(lively) -> None:
    random = np.random.default_rng(1)
    squares = [random.random((256, 256), np.float32) for _ in range(2)]
    ranges = measure_ranges(lively, squares)
    kernels = {name.removesuffix(RANGE) for name in ranges}
    assert kernels == {
        name
        for name in lively
        if name.endswith("kernel") and name not in ("stem_conv/kernel", "logits/kernel")
    }
    full, eight = (answers(w, squares) for w in (lively, {**lively, **ranges}))
    assert np.abs(full - eight).max() > 0
    np.testing.assert_allclose(eight, full, atol=0.08)


def make_pytorch(network: keras.Model) -> dict[str, SimpleNamespace]:
    """Lay a network's weights as the PyTorch file has them."""
    stored = {}
    layers = [("stem", "_conv_stem", "_bn0"), ("head", "_conv_head", "_bn1")]
    for number, block in enumerate(BLOCKS):
        theirs = f"_blocks.{number}."
        if number:
            expand = theirs + "_expand_conv", theirs + "_bn0"
            layers.append((f"{block.name}_expand", *expand))
        depthwise = theirs + "_depthwise_conv", theirs + "_bn1"
        layers.append((f"{block.name}_depthwise", *depthwise))
        project = theirs + "_project_conv", theirs + "_bn2"
        layers.append((f"{block.name}_project", *project))
    for ours, convolution, normalization in layers:
        (kernel,) = network.get_layer(f"{ours}_conv").get_weights()
        order = (2, 3, 0, 1) if ours.endswith("depthwise") else (3, 2, 0, 1)
        stored[f"{convolution}.weight"] = kernel.transpose(order)
        arrays = network.get_layer(f"{ours}_bn").get_weights()
        names = ("weight", "bias", "running_mean", "running_var")
        stored |= {
            f"{normalization}.{n}": a for n, a in zip(names, arrays, strict=True)
        }
    return {
        name: SimpleNamespace(numpy=lambda array=array: array)
        for name, array in stored.items()
    }


@pytest.fixture
def stored(monkeypatch) -> dict[str, SimpleNamespace]:
    """What PyTorch finds in any file."""
    found: dict[str, SimpleNamespace] = {}
    fake = SimpleNamespace(load=lambda path, **options: found)
    monkeypatch.setitem(sys.modules, "torch", fake)
    return found


def test_start_is_read_from_the_pytorch_file(network, lively, stored) -> None:
    set_weights(network, lively)
    stored |= make_pytorch(network)
    found = get_weights(build_efficientnet(imagenet=Path("lite2.pth")))
    for name, array in lively.items():
        if not name.startswith("logits"):
            np.testing.assert_array_equal(found[name], array)


def test_another_file_is_refused(stored) -> None:
    with pytest.raises(ModelError, match=r"EfficientNet-Lite2 in other\.pth"):
        build_efficientnet(imagenet=Path("other.pth"))


def test_without_pytorch_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelError, match=r"requirements-train\.txt"):
        build_efficientnet(imagenet=Path("lite2.pth"))


def test_there_is_nothing_to_download() -> None:
    with pytest.raises(ModelError, match="nothing to download"):
        build_efficientnet(imagenet=True)
