"""The second reader: its names, its start, its compiled answers."""

import keras
import numpy as np
import pytest

from xray.errors import ModelError
from xray.image import XCEPTION_SIZE
from xray.network.model import get_weights, set_weights
from xray.network.second_reader import SecondReader
from xray.network.weights import read_weights, sha256, write_weights
from xray.training.recipes import RECIPES
from xray.training.xception import build_xception


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return build_xception()


def test_each_network_built_has_the_same_names(network) -> None:
    other = build_xception(96)
    set_weights(other, get_weights(network))
    assert other.count_params() == 20_861_480 + 2048 * 22 + 22


def test_recipe_freezes_what_lies_before_block_5(network) -> None:
    trained = network.layers[RECIPES["xception"].frozen_layers :]
    assert trained[0].name == "block5_sepconv1_act"
    assert RECIPES["xception"].phases[0].size == XCEPTION_SIZE


@pytest.mark.slow
def test_compiled_answers_are_those_of_keras(network, tmp_path) -> None:
    path = tmp_path / "xception.npz"
    weights = get_weights(network)
    random = np.random.default_rng(0)
    for name in weights:  # fresh statistics would hide a mistake in them
        if name.endswith(("gamma", "beta", "moving_mean", "moving_variance")):
            weights[name] += random.uniform(0, 0.2, weights[name].shape).astype("f")
    weights["logits/kernel"] *= 20  # answers that differ
    write_weights(path, weights)
    set_weights(network, read_weights(path))
    squares = random.random((2, XCEPTION_SIZE, XCEPTION_SIZE), np.float32)
    reader = SecondReader(path, sha256(path))
    answers = reader.answers(squares)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    pictures = np.repeat(squares[..., None] * 2 - 1, 3, axis=-1)
    expected = network.predict_on_batch(pictures)
    assert np.ptp(expected) > 0.03
    np.testing.assert_allclose(answers, expected, atol=0.01)  # bfloat16 where there is
    assert reader.answers(np.zeros((1, 256, 256), np.float32)).shape == (1, 22)


def test_another_network_does_not_read(tmp_path) -> None:
    path = tmp_path / "xception.npz"
    write_weights(path, {"conv1_conv/kernel": np.zeros((7, 7, 3, 64), np.float32)})
    square = np.zeros((1, 256, 256), np.float32)
    for expected in (None, "0" * 64):
        with pytest.raises(ModelError, match=r"xception\.npz is another file"):
            SecondReader(path, expected).answers(square)
    with pytest.raises(ModelError, match="could not read"):
        SecondReader(tmp_path / "gone.npz").answers(square)


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
