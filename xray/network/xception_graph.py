"""Xception as an OpenVINO model, built straight from its weights.

Where the weights hold the ranges of what enters each convolution (see
`training.ranges`), the convolutions compute in 8-bit integers: far faster where the
processor has no bfloat16.
"""

import numpy as np
import openvino as ov
from numpy.typing import ArrayLike, NDArray
from openvino import opset13 as op

from ..network.architecture import scale_and_shift
from ..network.weights import LEVELS, RANGE, Weights

EPSILON = 1e-3  # Keras' own in a batch normalization
MIDDLE = range(5, 13)  # blocks of three convolutions and no change of size
SMALLEST_STEP = np.float32(1e-12)  # of a kernel that is all 0


def build_graph(weights: Weights, size: int) -> ov.Model:
    """Build the network of `build_xception`.

    The picture's three equal channels are folded into one.

    Args:
        weights: Of the whole network, keyed `layer/variable`; with ranges for
            8 bits, keyed as their kernels with `RANGE` behind.
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
        Names of K kernels, and a model from (1, 1, size, size) to (K, 2): the least
        and the most that enters each one's convolution.
    """
    return _Graph(weights, size).extremes()


class _Graph:
    """The network, and what enters its convolutions, by the name of their kernel."""

    def __init__(self, weights: Weights, size: int) -> None:
        self.weights = weights
        self.entering: dict[str, ov.Output] = {}
        self.picture = op.parameter([-1, 1, size, size], np.float32, "picture")
        self.pooled = self._trunk()

    def answers(self) -> ov.Model:
        """Close the network with its head."""
        kernel = op.constant(self.weights["logits/kernel"])
        logits = op.matmul(self.pooled, kernel, False, False)
        logits = op.add(logits, op.constant(self.weights["logits/bias"]))
        result = op.result(op.softmax(logits, 1))
        return ov.Model([result], [self.picture], "xray_xception")

    def extremes(self) -> tuple[list[str], ov.Model]:
        """Close the network with the least and the most of what enters."""
        axes = np.array([0, 1, 2, 3])
        each = [
            op.concat(
                [
                    op.reshape(op.reduce_min(x, axes), [1, 1], False),
                    op.reshape(op.reduce_max(x, axes), [1, 1], False),
                ],
                1,
            )
            for x in self.entering.values()
        ]
        model = ov.Model([op.result(op.concat(each, 0))], [self.picture], "probe")
        return list(self.entering), model

    def _trunk(self) -> ov.Output:
        kernel = self.weights["block1_conv1/kernel"].sum(axis=2, keepdims=True)
        x = _convolution(self.picture, op.constant(_laid(kernel)), 2)
        x = op.relu(self._normalized(x, "block1_conv1_bn"))
        x = self._convolved(x, "block1_conv2/kernel")
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
        beside = self._convolved(x, f"shortcut{shortcut}_conv2d/kernel", 2)
        beside = self._normalized(beside, f"shortcut{shortcut}_batchnormalization")
        # Block 2 alone begins behind an activation.
        y = x if block == 2 else op.relu(x)
        y = op.relu(self._separable(y, f"block{block}_sepconv1"))
        y = self._separable(y, f"block{block}_sepconv2")
        pads = [0, 0]
        y = op.max_pool(y, [2, 2], [1, 1], pads, pads, [3, 3], "floor", "same_upper")
        return op.add(beside, y.output(0))

    def _separable(self, x: ov.Output, layer: str) -> ov.Output:
        name = f"{layer}/depthwise_kernel"
        # (height, width, channels, 1) to (groups, 1, 1, height, width).
        each = self.weights[name].transpose(2, 3, 0, 1)[:, :, None]
        x = self._entered(x, name)
        ones = [1, 1]
        x = op.group_convolution(x, self._kernel(each, name), ones, ones, ones, ones)
        x = self._convolved(x, f"{layer}/pointwise_kernel")
        return self._normalized(x, f"{layer}_bn")

    def _convolved(self, x: ov.Output, name: str, stride: int = 1) -> ov.Output:
        x = self._entered(x, name)
        return _convolution(x, self._kernel(_laid(self.weights[name]), name), stride)

    def _entered(self, x: ov.Output, name: str) -> ov.Output:
        """Note what enters a convolution; in 8 bits, if its range is known."""
        self.entering[name] = x
        if name + RANGE not in self.weights:
            return x
        least, most = self.weights[name + RANGE]
        if least >= 0:
            return _in_steps(x, np.float32(0), most, levels=256)
        end = max(-least, most)
        # 0 stays 0: 128 steps below it, 127 above.
        return _in_steps(x, -end, end * np.float32(127 / 128), levels=256)

    def _kernel(self, kernel: NDArray[np.float32], name: str) -> ov.Output:
        """Make a kernel (channels, ...) a constant, in the steps it is stored in."""
        constant = op.constant(np.ascontiguousarray(kernel))
        if name + RANGE not in self.weights:
            return constant
        axes = tuple(range(1, kernel.ndim))
        step = np.abs(kernel).max(axis=axes, keepdims=True) / np.float32(LEVELS)
        end = np.maximum(step, SMALLEST_STEP) * 127
        return _in_steps(constant, -end, end, levels=255)

    def _normalized(self, x: ov.Output, layer: str) -> ov.Output:
        scale, shift = scale_and_shift(self.weights, layer, EPSILON)
        scaled = op.multiply(x, op.constant(scale.reshape(1, -1, 1, 1)))
        return op.add(scaled, op.constant(shift.reshape(1, -1, 1, 1)))


def _laid(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay Keras' (height, width, in, out) as (out, in, height, width)."""
    return np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))


def _convolution(x: ov.Output, kernel: ov.Output, stride: int = 1) -> ov.Output:
    return op.convolution(x, kernel, [stride, stride], [0, 0], [0, 0], [1, 1])


def _in_steps(
    x: ov.Output, least: ArrayLike, most: ArrayLike, levels: int
) -> ov.Output:
    """Round to a number of levels, which OpenVINO then computes in integers."""
    low, high = (op.constant(np.asarray(end, np.float32)) for end in (least, most))
    return op.fake_quantize(x, low, high, low, high, levels)
