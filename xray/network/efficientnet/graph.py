"""EfficientNet-Lite2 as an OpenVINO model, built straight from its weights."""

import numpy as np
import openvino as ov
from openvino import opset13 as op

from ..openvino.convolutions import SAME, Convolutions
from ..openvino.graph import Graph, picture_of
from ..weights import Weights
from .blocks import BLOCKS, FINE, Block

_EPSILON = 1e-3  # Keras' own in a batch normalization


def build(weights: Weights, size: int) -> Graph:
    """Build the network.

    It computes in 8 bits where the weights have ranges.

    Returns:
        From (1, 1, size, size) in [-1, 1] to logits (1, 22), and to the pooled
        features that they are decided from, (1, 1280).
    """
    picture = picture_of(size)
    trunk = EfficientNetTrunk(weights, picture)
    pooled = op.reduce_mean(trunk.coarse, np.array([2, 3]))
    kernel = op.constant(weights["logits/kernel"])
    logits = op.matmul(pooled, kernel, False, False)
    logits = op.add(logits, op.constant(weights["logits/bias"]))
    return Graph("xray_efficientnet", picture, trunk.convolve, (logits, pooled))


class EfficientNetTrunk:
    """The layers before the head."""

    def __init__(self, weights: Weights, picture: ov.Output) -> None:
        self.convolve = Convolutions(weights)
        x = self.convolve.first(picture, "stem_conv/kernel", 2, SAME)
        x = self.active(x, "stem")
        for block in BLOCKS:
            x = self._bottleneck(x, block)
            if block.name == FINE:
                self.fine = x  # (1, 120, S / 16, S / 16)
        x = self.convolve.across(x, "head_conv/kernel")
        self.coarse = self.active(x, "head")  # (1, 1280, S / 32, S / 32)

    def active(self, x: ov.Output, layer: str) -> ov.Output:
        """Normalize, and clip to [0, 6]."""
        normalized = self.convolve.normalized(x, f"{layer}_bn", _EPSILON)
        return op.clamp(normalized, 0.0, 6.0)

    def _bottleneck(self, x: ov.Output, block: Block) -> ov.Output:
        y, name = x, block.name
        if block.expanded != block.entering:
            y = self.convolve.across(y, f"{name}_expand_conv/kernel")
            y = self.active(y, f"{name}_expand")
        y = self.convolve.by_channel(y, f"{name}_depthwise_conv/kernel", block.stride)
        y = self.active(y, f"{name}_depthwise")
        y = self.convolve.across(y, f"{name}_project_conv/kernel")
        y = self.convolve.normalized(y, f"{name}_project_bn", _EPSILON)
        return op.add(y, x) if block.has_shortcut else y
