"""EfficientNet-Lite2 as an OpenVINO model, built straight from its weights."""

import numpy as np
import openvino as ov
from openvino import opset13 as op

from .architecture import scale_and_shift
from .convolutions import SAME, Convolutions
from .efficientnet_blocks import BLOCKS, Block
from .weights import Weights

EPSILON = 1e-3  # Keras' own in a batch normalization


def build_graph(weights: Weights, size: int) -> ov.Model:
    """Build the network of `build_efficientnet`.

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
        return ov.Model([result], [self.picture], "xray_efficientnet")

    def _trunk(self) -> ov.Output:
        x = self.convolve.first(self.picture, "stem_conv/kernel", 2, SAME)
        x = self._active(x, "stem")
        for block in BLOCKS:
            x = self._bottleneck(x, block)
        x = self._active(self.convolve.across(x, "head_conv/kernel"), "head")
        return op.reduce_mean(x, np.array([2, 3]))

    def _bottleneck(self, x: ov.Output, block: Block) -> ov.Output:
        y, name = x, block.name
        if block.expanded != block.entering:
            y = self.convolve.across(y, f"{name}_expand_conv/kernel")
            y = self._active(y, f"{name}_expand")
        y = self.convolve.by_channel(y, f"{name}_depthwise_conv/kernel", block.stride)
        y = self._active(y, f"{name}_depthwise")
        y = self.convolve.across(y, f"{name}_project_conv/kernel")
        y = self._normalized(y, f"{name}_project")
        return op.add(y, x) if block.has_shortcut else y

    def _active(self, x: ov.Output, layer: str) -> ov.Output:
        return op.clamp(self._normalized(x, layer), 0.0, 6.0)

    def _normalized(self, x: ov.Output, layer: str) -> ov.Output:
        scale, shift = scale_and_shift(self.weights, f"{layer}_bn", EPSILON)
        scaled = op.multiply(x, op.constant(scale.reshape(1, -1, 1, 1)))
        return op.add(scaled, op.constant(shift.reshape(1, -1, 1, 1)))
