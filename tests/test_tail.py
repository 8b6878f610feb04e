"""The NumPy tail against Keras, against finite differences, and against itself."""

import numpy as np
import pytest

from xray.errors import ModelError
from xray.network.densenet.architecture import EXPLAINED_LAYER, STEPS
from xray.network.densenet.tail import Tail
from xray.network.weights import DEFAULT_WEIGHTS, Weights, read_weights
from xray.threads import keep_products_single

LAYERS = ("conv3_block12_concat", "pool3_pool", "conv5_block8_concat", EXPLAINED_LAYER)


@pytest.fixture(scope="module")
def weights() -> Weights:
    keep_products_single()
    return read_weights(DEFAULT_WEIGHTS)


@pytest.fixture(scope="module")
def activations() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(0, 1, (3, 8, 8, 1856)).astype(np.float32)


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Largest difference as a share of the largest value."""
    return float(np.abs(first - second).max() / np.abs(second).max())


@pytest.mark.slow
def test_logits_and_gradients_are_those_of_keras_with_random_weights() -> None:
    import keras
    import tensorflow as tf

    from xray.lab.training.densenet import build_model, get_weights, set_weights

    keras.utils.set_random_seed(0)
    model = build_model(64)
    rng = np.random.default_rng(0)
    drawn = {
        name: array + rng.uniform(0, 0.2, array.shape).astype(np.float32)
        if "kernel" not in name
        else array
        for name, array in get_weights(model).items()
    }
    set_weights(model, drawn)
    outputs = [model.get_layer(layer).output for layer in LAYERS]
    watched = keras.Model(model.input, [*outputs, model.get_layer("logits").output])
    pictures = rng.uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    labels = [3, 17]
    with tf.GradientTape() as tape:
        tensor = tf.constant(pictures)
        tape.watch(tensor)
        *expected, logits = watched(tensor, training=False)
        chosen = tf.gather(logits, labels, batch_dims=1)
    slopes = tape.gradient(chosen, expected)
    tail = Tail(drawn, LAYERS[0])
    found_logits, found = tail.gradients_at(LAYERS, expected[0].numpy(), labels)
    assert difference(found_logits, logits.numpy()) < 1e-4
    for layer, output, slope in zip(LAYERS, expected, slopes, strict=True):
        assert difference(found[layer][0], output.numpy()) < 1e-4
        assert difference(found[layer][1], slope.numpy()) < 1e-3


def test_gradient_is_the_slope_of_the_logit(weights, activations) -> None:
    tail = Tail(weights)
    _, gradient = tail.gradients(activations[:1], [5])
    # Uphill, where the logit rises most, and so little that few ReLUs turn over.
    step = gradient / np.linalg.norm(gradient)
    low, high = (tail.logits(activations[:1] + way * step)[0, 5] for way in (-0.5, 0.5))
    assert high - low == pytest.approx(float((gradient * step).sum()), rel=0.05)


def test_several_layers_at_once_equal_a_tail_for_each(weights) -> None:
    rng = np.random.default_rng(2)
    start = rng.normal(0, 1, (1, 16, 16, 256)).astype(np.float32)
    layers = ("pool3_pool", "conv4_block48_concat", "pool4_pool", EXPLAINED_LAYER)
    logits, found = Tail(weights, layers[0]).gradients_at(layers, start, [9])
    assert set(found) == set(layers)
    for layer in layers:
        alone, gradient = Tail(weights, layer).gradients(found[layer][0], [9])
        assert np.allclose(alone, logits, atol=1e-4)
        assert difference(found[layer][1], gradient) < 1e-4


def test_batch_equals_one_by_one(weights, activations) -> None:
    tail = Tail(weights)
    labels = [0, 9, 21]
    logits, gradients = tail.gradients(activations, labels)
    for i, label in enumerate(labels):
        alone, gradient = tail.gradients(activations[i : i + 1], [label])
        assert np.allclose(alone[0], logits[i], atol=1e-4)
        assert difference(gradient[0], gradients[i]) < 1e-4


def test_gradients_in_turn_equal_those_of_each_choice(weights, activations) -> None:
    tail = Tail(weights)
    choices = [[0, 9, 21], [9, 9, 3], [21, 0, 9]]
    turns = list(tail.gradients_in_turn(activations, choices))
    for labels, gradients in zip(choices, turns, strict=True):
        assert np.array_equal(gradients, tail.gradients(activations, labels)[1])


def test_without_labels_the_likeliest_is_taken(weights, activations) -> None:
    tail = Tail(weights)
    logits, gradients = tail.gradients(activations)
    _, expected = tail.gradients(activations, logits.argmax(axis=1).tolist())
    assert np.array_equal(gradients, expected)
    assert np.allclose(tail.logits(activations), logits, atol=1e-4)


def test_gradients_leave_the_activations_alone(weights, activations) -> None:
    before = activations.copy()
    Tail(weights).gradients(activations)
    assert np.array_equal(activations, before)


def test_layers_before_the_tail_are_refused(weights, activations) -> None:
    with pytest.raises(ModelError, match=r"from conv5_block30_concat on.*pool3_pool"):
        Tail(weights).gradients_at(["pool3_pool"], activations)


def test_every_step_has_the_network_s_own_name() -> None:
    assert len(STEPS) == 101
    assert EXPLAINED_LAYER in [step.output for step in STEPS]
