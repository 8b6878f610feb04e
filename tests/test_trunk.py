"""The trunk as a graph, cut anywhere."""

import numpy as np
import pytest

from xray.errors import ModelError
from xray.network.densenet.architecture import STEM_LAYER
from xray.network.densenet.tail import Tail
from xray.network.densenet.trunk import build_trunk
from xray.network.openvino.engine import OpenVinoEngine


@pytest.fixture(scope="module")
def squares() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (2, 256, 256)).astype(np.float32)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (STEM_LAYER, (64, 64, 64)),
        ("pool3_pool", (16, 16, 256)),
    ],
)
def test_trunk_cut_anywhere_and_the_tail_behind_it_give_the_same_logits(
    weights, squares, layer, shape
) -> None:
    early = OpenVinoEngine(weights, layer, exact=True).activations(squares)
    assert early.shape == (2, *shape)
    late = OpenVinoEngine(weights, exact=True).activations(squares)
    found, expected = Tail(weights, layer).logits(early), Tail(weights).logits(late)
    assert np.allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_build_trunk_unknown_layer_is_refused(weights) -> None:
    with pytest.raises(ModelError, match="output layer of a step"):
        build_trunk(weights, "conv9")
