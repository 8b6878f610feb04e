"""A network put together of OpenVINO's operations, before it is compiled."""

from dataclasses import dataclass

import numpy as np
import openvino as ov
from openvino import opset13 as op

from .convolutions import Convolutions


def picture_of(size: int) -> ov.Output:
    """Begin a network with its picture: (1, 1, size, size), [-1, 1]."""
    return op.parameter([1, 1, size, size], np.float32, "picture").output(0)


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A network from its picture to its outputs."""

    name: str
    picture: ov.Output
    convolve: Convolutions  # what made its convolutions
    outputs: tuple[ov.Output, ...]

    def model(self) -> ov.Model:
        """Close the network."""
        results = [op.result(each) for each in self.outputs]
        return ov.Model(results, [self.picture.get_node()], self.name)
