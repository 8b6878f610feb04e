"""The teacher's network: names of its weights, their start, and its answers."""

import keras
import numpy as np
import pytest

from xray.errors import ModelError
from xray.network.model import get_weights, set_weights
from xray.network.weights import read_weights, write_weights
from xray.training.recipes import RECIPES, TEACHER_SIZE
from xray.training.teacher import Teacher
from xray.training.xception import build_xception


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return build_xception(TEACHER_SIZE)


def test_each_network_built_has_the_same_names(network) -> None:
    other = build_xception(96)
    set_weights(other, get_weights(network))
    assert other.count_params() == 20_861_480 + 2048 * 22 + 22


def test_recipe_freezes_what_lies_before_block_5(network) -> None:
    trained = network.layers[RECIPES["teacher"].frozen_layers :]
    assert trained[0].name == "block5_sepconv1_act"


@pytest.mark.slow
def test_answers_are_those_of_the_network_at_its_own_size(network, tmp_path) -> None:
    path = tmp_path / "teacher.npz"
    weights = get_weights(network)
    random = np.random.default_rng(0)
    for name in weights:  # fresh statistics would hide a mistake in them
        if name.endswith(("gamma", "beta", "moving_mean", "moving_variance")):
            weights[name] += random.uniform(0, 0.2, weights[name].shape).astype("f")
    weights["logits/kernel"] *= 10  # answers that differ
    write_weights(path, weights)
    set_weights(network, read_weights(path))
    squares = random.random((2, TEACHER_SIZE, TEACHER_SIZE), np.float32)
    answers = Teacher(path).answers(squares)
    assert answers.shape == (2, 22)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    pictures = np.repeat(squares[..., None] * 2 - 1, 3, axis=-1)
    expected = network.predict_on_batch(pictures)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(answers, expected, atol=0.02)  # bfloat16 where there is
    assert Teacher(path).answers(np.zeros((1, 256, 256), np.float32)).shape == (1, 22)


def test_another_network_does_not_teach(tmp_path) -> None:
    path = tmp_path / "other.npz"
    write_weights(path, {"conv1_conv/kernel": np.zeros((7, 7, 3, 64), np.float32)})
    with pytest.raises(ModelError, match="--recipe teacher"):
        Teacher(path)


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras' own saving
@pytest.mark.slow
def test_start_is_read_from_a_model_that_holds_an_xception(network, tmp_path) -> None:
    trunk = keras.applications.Xception(
        weights=None, include_top=False, input_shape=(96, 96, 3)
    )
    path = tmp_path / "kitchen.keras"
    keras.Sequential([trunk, keras.layers.Flatten()]).save(path)
    found = build_xception(TEACHER_SIZE, imagenet=path)
    wanted = trunk.get_layer("block14_sepconv2").get_weights()
    given = found.get_layer("block14_sepconv2").get_weights()
    for one, other in zip(wanted, given, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # Keras' own saving
def test_a_model_without_an_xception_is_refused(tmp_path) -> None:
    path = tmp_path / "other.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(path)
    with pytest.raises(ModelError, match="xception"):
        build_xception(TEACHER_SIZE, imagenet=path)
