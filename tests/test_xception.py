"""Xception: its names, its start, its compiled answers, its 8 bits."""

import keras
import numpy as np
import pytest

from tests.datasets import make_manifest
from tests.lively import lively_weights
from xray.cli import main
from xray.errors import ModelError
from xray.image import SECOND_SIZE
from xray.network.card import make_card, read_card, write_card
from xray.network.model import get_weights, set_weights
from xray.network.second_reader import SecondReader
from xray.network.weights import RANGE, read_weights, sha256, write_weights
from xray.training.blend import blend
from xray.training.ranges import answers, measure_ranges
from xray.training.recipes import RECIPES
from xray.training.xception import build_xception

NOT_IN_8_BITS = ("block1_conv1/kernel", "logits/kernel")


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return build_xception()


@pytest.fixture(scope="module")
def lively(network) -> dict[str, np.ndarray]:
    return lively_weights(network)


def test_each_network_built_has_the_same_names(network) -> None:
    other = build_xception(96)
    set_weights(other, get_weights(network))
    assert other.count_params() == 20_861_480 + 2048 * 22 + 22


def test_recipe_freezes_what_lies_before_block_5(network) -> None:
    trained = network.layers[RECIPES["xception"].frozen_layers :]
    assert trained[0].name == "block5_sepconv1_act"
    assert RECIPES["xception"].phases[0].size == SECOND_SIZE


@pytest.mark.slow
def test_compiled_answers_are_those_of_keras(network, lively, tmp_path) -> None:
    path = tmp_path / "xception.npz"
    write_weights(path, lively)
    set_weights(network, read_weights(path))
    random = np.random.default_rng(0)
    squares = random.random((2, SECOND_SIZE, SECOND_SIZE), np.float32)
    reader = SecondReader([path], [sha256(path)])
    answers = reader.answers(squares)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    pictures = np.repeat(squares[..., None] * 2 - 1, 3, axis=-1)
    expected = network.predict_on_batch(pictures)
    assert np.ptp(expected) > 0.03
    np.testing.assert_allclose(answers, expected, atol=0.01)  # bfloat16 where there is
    assert reader.answers(np.zeros((1, 256, 256), np.float32)).shape == (1, 22)


@pytest.mark.slow
def test_ranges_are_what_enters_and_eight_bits_follow(lively) -> None:
    random = np.random.default_rng(1)
    squares = [random.random((256, 256), np.float32) for _ in range(2)]
    ranges = measure_ranges(lively, squares)
    kernels = {name.removesuffix(RANGE) for name in ranges}
    assert kernels == {
        name for name in lively if name.endswith("kernel") and name not in NOT_IN_8_BITS
    }
    assert all(least < most for least, most in ranges.values())
    full, eight = (answers(w, squares) for w in (lively, {**lively, **ranges}))
    assert np.abs(full - eight).max() > 0
    np.testing.assert_allclose(eight, full, atol=0.05)
    # What lies beyond a range is cut off: a tenth of it changes the answers.
    narrow = {name: ends / 10 for name, ends in ranges.items()}
    cut = answers({**lively, **narrow}, squares)
    assert np.abs(cut - full).max() > 5 * np.abs(eight - full).max()


@pytest.mark.slow
def test_quantize_command_adds_ranges_and_keeps_the_kernels(lively, tmp_path) -> None:
    (tmp_path / "data").mkdir()
    data = tmp_path / "data"
    make_manifest(data)
    path = tmp_path / "xception.npz"
    write_weights(path, lively, small=True)
    write_card(make_card(path, "xception"))
    before = read_weights(path)
    assert main(["quantize", str(data), "--weights", str(path)]) == 0
    after = read_weights(path)
    for name, array in before.items():
        np.testing.assert_allclose(after[name], array, rtol=1e-3, atol=1e-6)
    assert len(after) == len(before) + 73
    card = read_card(path).content  # its sha256 is checked
    assert card["in_8_bits"]["calibration_films"] > 0
    mixed = blend([(1, path), (1, path)])
    assert mixed.keys() == before.keys()


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras' own saving
@pytest.mark.slow
def test_start_is_read_from_a_model_that_holds_an_xception(network, tmp_path) -> None:
    trunk = keras.applications.Xception(
        weights=None, include_top=False, input_shape=(96, 96, 3)
    )
    path = tmp_path / "kitchen.keras"
    keras.Sequential([trunk, keras.layers.Flatten()]).save(path)
    found = build_xception(imagenet=path)
    wanted = trunk.get_layer("block14_sepconv2").get_weights()
    given = found.get_layer("block14_sepconv2").get_weights()
    for one, other in zip(wanted, given, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras' own saving
def test_a_model_without_an_xception_is_refused(tmp_path) -> None:
    path = tmp_path / "other.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(path)
    with pytest.raises(ModelError, match="xception"):
        build_xception(imagenet=path)
