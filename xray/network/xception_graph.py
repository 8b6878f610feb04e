"""Xception as an OpenVINO model, built straight from its weights."""

import openvino as ov
from openvino import opset13 as op

from .second_graph import SecondGraph

MIDDLE = range(5, 13)  # blocks of three convolutions and no change of size


class XceptionGraph(SecondGraph):
    """The network of `build_xception`."""

    def trunk(self) -> ov.Output:
        """Build what lies before the pooling."""
        x = self.convolve.first(self.picture, "block1_conv1/kernel", 2, padding=0)
        x = op.relu(self.normalized(x, "block1_conv1_bn"))
        x = self.convolve.across(x, "block1_conv2/kernel")
        x = op.relu(self.normalized(x, "block1_conv2_bn"))
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
        return x

    def _shrinking(self, x: ov.Output, block: int, shortcut: int) -> ov.Output:
        """Two separable convolutions and a pooling, beside a strided shortcut."""
        beside = self.convolve.across(x, f"shortcut{shortcut}_conv2d/kernel", 2)
        beside = self.normalized(beside, f"shortcut{shortcut}_batchnormalization")
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
        return self.normalized(x, f"{layer}_bn")
