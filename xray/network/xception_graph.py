"""Xception as an OpenVINO model, built straight from its weights."""

import numpy as np
import openvino as ov
from openvino import opset13 as op

from .architecture import scale_and_shift
from .convolutions import Convolutions
from .weights import Weights

EPSILON = 1e-3  # Keras' own in a batch normalization
MIDDLE = range(5, 13)  # blocks of three convolutions and no change of size


def build_graph(weights: Weights, size: int) -> ov.Model:
    """Build the network of `build_xception`.

    Args:
        weights: Of the whole network; with ranges it computes in 8 bits.
        size: Side of the picture in pixels.

    Returns:
        A model from (N, 1, size, size) in [-1, 1] to (N, 22) probabilities.
    """
    return _Graph(weights, size).answers()


def build_probe(weights: Weights, size: int) -> tuple[list[str], ov.Model]:
    """Build a model that tells what enters the convolutions.

    Args:
        weights: Of the whole network, without ranges.
        size: Side of the picture in pixels.

    Returns:
        As `Convolutions.probe`.
    """
    graph = _Graph(weights, size)
    return graph.convolve.probe(graph.picture.output(0))


class _Graph:
    """The network up to its pooled features."""

    def __init__(self, weights: Weights, size: int) -> None:
        self.weights = weights
        self.convolve = Convolutions(weights)
        self.picture = op.parameter([-1, 1, size, size], np.float32, "picture")
        self.pooled = self._trunk()

    def answers(self) -> ov.Model:
        """Close the network with its head."""
        kernel = op.constant(self.weights["logits/kernel"])
        logits = op.matmul(self.pooled, kernel, False, False)
        logits = op.add(logits, op.constant(self.weights["logits/bias"]))
        result = op.result(op.softmax(logits, 1))
        return ov.Model([result], [self.picture], "xray_xception")

    def _trunk(self) -> ov.Output:
        x = self.convolve.first(self.picture, "block1_conv1/kernel", 2, padding=0)
        x = op.relu(self._normalized(x, "block1_conv1_bn"))
        x = self.convolve.across(x, "block1_conv2/kernel")
        x = op.relu(self._normalized(x, "block1_conv2_bn"))
        for shortcut, block in enumerate((2, 3, 4), start=1):
            x = self._shrinking(x, block, shortcut)
        for block in MIDDLE:
            y = x
            for number in (1, 2, 3):
                y = self._separable(op.relu(y), f"block{block}_sepconv{number}")
            x = op.add(x, y)
        x = self._shrinking(x, block=13, shortcut=4)
        for number in (1, 2):
            x = op.relu(self._separable(x, f"block14_sepconv{number}"))
        return op.reduce_mean(x, np.array([2, 3]))

    def _shrinking(self, x: ov.Output, block: int, shortcut: int) -> ov.Output:
        """Two separable convolutions and a pooling, beside a strided shortcut."""
        beside = self.convolve.across(x, f"shortcut{shortcut}_conv2d/kernel", 2)
        beside = self._normalized(beside, f"shortcut{shortcut}_batchnormalization")
        # Block 2 alone begins behind an activation.
        y = x if block == 2 else op.relu(x)
        y = op.relu(self._separable(y, f"block{block}_sepconv1"))
        y = self._separable(y, f"block{block}_sepconv2")
        pads = [0, 0]
        y = op.max_pool(y, [2, 2], [1, 1], pads, pads, [3, 3], "floor", "same_upper")
        return op.add(beside, y.output(0))

    def _separable(self, x: ov.Output, layer: str) -> ov.Output:
        x = self.convolve.by_channel(x, f"{layer}/depthwise_kernel")
        x = self.convolve.across(x, f"{layer}/pointwise_kernel")
        return self._normalized(x, f"{layer}_bn")

    def _normalized(self, x: ov.Output, layer: str) -> ov.Output:
        scale, shift = scale_and_shift(self.weights, layer, EPSILON)
        scaled = op.multiply(x, op.constant(scale.reshape(1, -1, 1, 1)))
        return op.add(scaled, op.constant(shift.reshape(1, -1, 1, 1)))
