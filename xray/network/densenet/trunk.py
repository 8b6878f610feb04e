"""DenseNet201 as an OpenVINO model, built straight from its weights.

No Keras, no ONNX, no conversion: the graph is put together from the weights file
in a fraction of a second. It takes one picture: where OpenVINO knows the shape, it
fuses more and computes some 6 % faster.
"""

from collections.abc import Iterable

import numpy as np
import openvino as ov
from openvino import opset13 as op

from ...image import INPUT_SIZE
from ..openvino.convolutions import Convolutions
from ..openvino.graph import Graph, picture_of
from ..weights import Weights
from .architecture import BATCH_NORM_EPSILON, EXPLAINED_LAYER, Step, cut


def build_trunk(weights: Weights, layer: str) -> ov.Model:
    """Build the network to a step's output, in 8 bits where the weights have ranges.

    Returns:
        A model from (1, 1, 256, 256) in [-1, 1] to (1, H, W, C).
    """
    network = _DenseNet(weights)
    x = network.steps(network.stem(), cut(layer)[0])
    return network.graph(_channels_last(x)).model()


def build_network(weights: Weights) -> Graph:
    """Build everything but the head, in 8 bits where the weights have ranges.

    Returns:
        From (1, 1, 256, 256) in [-1, 1] to the explained layer's activations,
        (1, 8, 8, 1856), and the pooled features that the head decides from, (1, 1920).
    """
    network = _DenseNet(weights)
    before, behind = cut(EXPLAINED_LAYER)
    explained = network.steps(network.stem(), before)
    x = op.relu(network.normalized(network.steps(explained, behind), "bn"))
    pooled = op.reduce_mean(x, np.array([2, 3]))
    return network.graph(_channels_last(explained), pooled)


class _DenseNet:
    """The network in the making."""

    def __init__(self, weights: Weights) -> None:
        self.convolve = Convolutions(weights)
        self.picture = picture_of(INPUT_SIZE)

    def graph(self, *outputs: ov.Output) -> Graph:
        """Close the network."""
        return Graph("xray_densenet201", self.picture, self.convolve, outputs)

    def stem(self) -> ov.Output:
        """Build what lies before the dense blocks."""
        x = self.convolve.first(self.picture, "conv1_conv/kernel", 2, padding=3)
        x = op.relu(self.normalized(x, "conv1_bn"))
        return op.max_pool(x, [2, 2], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)

    def steps(self, x: ov.Output, steps: Iterable[Step]) -> ov.Output:
        """Build dense steps and transitions, one after the other."""
        for step in steps:
            x = self._step(x, step)
        return x

    def _step(self, x: ov.Output, step: Step) -> ov.Output:
        prefix = step.prefix
        if step.kind == "transition":
            x = op.relu(self.normalized(x, f"{prefix}_bn"))
            # Pooling and the 1x1 convolution commute; pooled first, it is a quarter.
            x = op.avg_pool(x, [2, 2], [0, 0], [0, 0], [2, 2], True)
            return self.convolve.across(x.output(0), f"{prefix}_conv/kernel")
        y = op.relu(self.normalized(x, f"{prefix}_0_bn"))
        y = self.convolve.across(y, f"{prefix}_1_conv/kernel")
        y = op.relu(self.normalized(y, f"{prefix}_1_bn"))
        y = self.convolve.across(y, f"{prefix}_2_conv/kernel", padding=1)
        return op.concat([x, y], 1)

    def normalized(self, x: ov.Output, layer: str) -> ov.Output:
        """Apply a batch normalization."""
        return self.convolve.normalized(x, layer, BATCH_NORM_EPSILON)


def _channels_last(x: ov.Output) -> ov.Output:
    return op.transpose(x, np.array([0, 2, 3, 1]))
