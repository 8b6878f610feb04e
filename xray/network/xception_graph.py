"""Xception as an OpenVINO model, built straight from its weights.

The teacher is asked about every picture that the network learns from; compiled it
answers several times as fast as Keras would.
"""

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op

from ..network.architecture import scale_and_shift
from ..network.weights import Weights

EPSILON = 1e-3  # Keras' own in a batch normalization
MIDDLE = range(5, 13)  # blocks of three convolutions and no change of size


def build_graph(weights: Weights, size: int) -> ov.Model:
    """Build the network of `build_xception`.

    The picture's three equal channels are folded into one.

    Args:
        weights: Of the whole network, keyed `layer/variable`.
        size: Side of the picture in pixels.

    Returns:
        A model from (N, 1, size, size) in [-1, 1] to (N, 22) probabilities.
    """
    picture = op.parameter([-1, 1, size, size], np.float32, "picture")
    kernel = weights["block1_conv1/kernel"].sum(axis=2, keepdims=True)
    x = op.relu(_normalized(_convolution(picture, kernel, 2), weights, "block1_conv1"))
    x = _convolution(x, weights["block1_conv2/kernel"])
    x = op.relu(_normalized(x, weights, "block1_conv2"))
    for shortcut, block in enumerate((2, 3, 4), start=1):
        x = _shrinking(x, weights, block, shortcut)
    for block in MIDDLE:
        y = x
        for number in (1, 2, 3):
            y = _separable(op.relu(y), weights, f"block{block}_sepconv{number}")
        x = op.add(x, y)
    x = _shrinking(x, weights, block=13, shortcut=4)
    for number in (1, 2):
        x = op.relu(_separable(x, weights, f"block14_sepconv{number}"))
    pooled = op.reduce_mean(x, np.array([2, 3]))
    logits = op.matmul(pooled, op.constant(weights["logits/kernel"]), False, False)
    logits = op.add(logits, op.constant(weights["logits/bias"]))
    return ov.Model([op.result(op.softmax(logits, 1))], [picture], "xray_xception")


def _shrinking(x: ov.Output, weights: Weights, block: int, shortcut: int) -> ov.Output:
    """Two separable convolutions and a pooling, beside a strided shortcut."""
    beside = _convolution(x, weights[f"shortcut{shortcut}_conv2d/kernel"], 2)
    beside = _normalized(beside, weights, f"shortcut{shortcut}_batchnormalization", "")
    # Block 2 alone begins behind an activation.
    y = x if block == 2 else op.relu(x)
    y = op.relu(_separable(y, weights, f"block{block}_sepconv1"))
    y = _separable(y, weights, f"block{block}_sepconv2")
    pads = [0, 0]
    y = op.max_pool(y, [2, 2], [1, 1], pads, pads, [3, 3], "floor", "same_upper")
    return op.add(beside, y.output(0))


def _separable(x: ov.Output, weights: Weights, layer: str) -> ov.Output:
    # (height, width, channels, 1) to (groups, 1, 1, height, width).
    each = weights[f"{layer}/depthwise_kernel"].transpose(2, 3, 0, 1)[:, :, None]
    constant = op.constant(np.ascontiguousarray(each))
    x = op.group_convolution(x, constant, [1, 1], [1, 1], [1, 1], [1, 1])
    x = _convolution(x, weights[f"{layer}/pointwise_kernel"])
    return _normalized(x, weights, layer)


def _convolution(
    x: ov.Output, kernel: NDArray[np.float32], stride: int = 1
) -> ov.Output:
    constant = op.constant(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
    return op.convolution(x, constant, [stride, stride], [0, 0], [0, 0], [1, 1])


def _normalized(
    x: ov.Output, weights: Weights, layer: str, ending: str = "_bn"
) -> ov.Output:
    scale, shift = scale_and_shift(weights, layer + ending, EPSILON)
    scaled = op.multiply(x, op.constant(scale.reshape(1, -1, 1, 1)))
    return op.add(scaled, op.constant(shift.reshape(1, -1, 1, 1)))
