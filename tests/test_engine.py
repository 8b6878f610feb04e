"""Engines: the same numbers alone, in batches, from threads, and as Keras'."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from xray.classify.trust.confidence import softmax
from xray.image import fit_square, stretch_contrast
from xray.lab.reference import TensorFlowEngine
from xray.network.densenet.tail import Tail
from xray.network.openvino.engine import OpenVinoEngine
from xray.network.weights import Weights
from xray.reading.reader import read_radiograph


@pytest.fixture(scope="module")
def engine(weights: Weights) -> OpenVinoEngine:
    return OpenVinoEngine(weights)


@pytest.fixture(scope="module")
def squares(films: dict[str, bytes]) -> np.ndarray:
    pictures = [read_radiograph(data).pixels for data in films.values()]
    return np.stack([stretch_contrast(fit_square(each)) * 2 - 1 for each in pictures])


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Largest difference as a share of the largest value."""
    return float(np.abs(first - second).max() / np.abs(second).max())


def test_activations_batch_equals_one_by_one(engine, squares) -> None:
    batch = engine.activations(squares)
    assert batch.shape == (len(squares), 8, 8, 1856)
    assert batch.dtype == np.float32
    for square, expected in zip(squares, batch, strict=True):
        assert difference(engine.activations(square[None])[0], expected) < 0.02


def test_activations_busy_equals_soon(engine, squares) -> None:
    soon = engine.activations(squares[:2])
    assert difference(engine.activations(squares[:2], busy=True), soon) < 0.02


@pytest.mark.parametrize("busy", [False, True])
def test_activations_from_many_threads_are_never_mixed_up(
    engine, squares, busy
) -> None:
    expected = [engine.activations(square[None], busy) for square in squares]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda s: engine.activations(s[None], busy), squares))
    for each, alone in zip(found, expected, strict=True):
        assert np.array_equal(each, alone)


def test_activations_stay_after_the_next_call(engine, squares) -> None:
    first = engine.activations(squares[:1])
    kept = first.copy()
    engine.activations(squares[1:2])
    assert np.array_equal(first, kept)


def test_forward_gives_what_the_tail_makes_of_the_activations(weights, squares) -> None:
    exact = OpenVinoEngine(weights, exact=True)
    output = exact.forward(squares[:3])
    tail = Tail(weights)
    assert output.features.shape == (3, 1920)
    assert output.activations is not None
    expected = tail.logits(output.activations)
    assert np.allclose(tail.decide(output.features), expected, atol=1e-3)
    assert np.array_equal(output.activations, exact.activations(squares[:3]))


def test_forward_without_maps_gives_the_same_features(engine, squares) -> None:
    output = engine.forward(squares[:2], maps=False)
    assert output.activations is None
    assert np.array_equal(output.features, engine.forward(squares[:2]).features)


@pytest.mark.slow
def test_openvino_gives_the_answers_of_keras(engine, weights, squares) -> None:
    tail = Tail(weights)
    reference = TensorFlowEngine(weights)
    keras = reference.activations(squares)
    output = reference.forward(squares[:1], maps=False)
    assert np.allclose(tail.decide(output.features), tail.logits(keras[:1]), atol=1e-3)
    exact = OpenVinoEngine(weights, exact=True).activations(squares)
    assert difference(exact, keras) < 1e-3
    expected = softmax(tail.logits(keras))
    assert np.abs(softmax(tail.logits(exact)) - expected).max() < 1e-4
    fast = softmax(tail.logits(engine.activations(squares)))
    assert np.abs(fast - expected).max() < 0.02
    assert np.array_equal(fast.argmax(axis=1), expected.argmax(axis=1))
