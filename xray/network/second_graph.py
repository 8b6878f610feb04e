"""What the second reader's networks have in common as OpenVINO models."""

from abc import ABC, abstractmethod

import numpy as np
import openvino as ov
from openvino import opset13 as op

from .convolutions import Convolutions
from .weights import Weights

EPSILON = 1e-3  # Keras' own in a batch normalization


class SecondGraph(ABC):
    """A network from the picture to 22 probabilities, built from its weights.

    Args:
        weights: Of the whole network; with ranges it computes in 8 bits.
        size: Side of the picture in pixels.
    """

    def __init__(self, weights: Weights, size: int) -> None:
        self.weights = weights
        self.convolve = Convolutions(weights)
        self.picture = op.parameter([-1, 1, size, size], np.float32, "picture")
        self.pooled = op.reduce_mean(self.trunk(), np.array([2, 3]))

    @abstractmethod
    def trunk(self) -> ov.Output:
        """Build what lies before the pooling."""

    def answers(self) -> ov.Model:
        """Close the network with its head: (N, 1, size, size) in [-1, 1] to (N, 22)."""
        kernel = op.constant(self.weights["logits/kernel"])
        logits = op.matmul(self.pooled, kernel, False, False)
        logits = op.add(logits, op.constant(self.weights["logits/bias"]))
        result = op.result(op.softmax(logits, 1))
        return ov.Model([result], [self.picture], "xray_second_reader")

    def probe(self) -> tuple[list[str], ov.Model]:
        """Close the network as `Convolutions.probe`."""
        return self.convolve.probe(self.picture.output(0))

    def normalized(self, x: ov.Output, layer: str) -> ov.Output:
        """Normalize by what a layer has learned."""
        return self.convolve.normalized(x, layer, EPSILON)
