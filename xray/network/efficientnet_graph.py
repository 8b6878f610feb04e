"""EfficientNet-Lite2 as an OpenVINO model, built straight from its weights."""

import openvino as ov
from openvino import opset13 as op

from .convolutions import SAME
from .efficientnet_blocks import BLOCKS, Block
from .second_graph import SecondGraph


class EfficientNetGraph(SecondGraph):
    """The network of `build_efficientnet`."""

    def trunk(self) -> ov.Output:
        """Build what lies before the pooling."""
        x = self.convolve.first(self.picture, "stem_conv/kernel", 2, SAME)
        x = self._active(x, "stem")
        for block in BLOCKS:
            x = self._bottleneck(x, block)
        x = self._active(self.convolve.across(x, "head_conv/kernel"), "head")
        return x

    def _bottleneck(self, x: ov.Output, block: Block) -> ov.Output:
        y, name = x, block.name
        if block.expanded != block.entering:
            y = self.convolve.across(y, f"{name}_expand_conv/kernel")
            y = self._active(y, f"{name}_expand")
        y = self.convolve.by_channel(y, f"{name}_depthwise_conv/kernel", block.stride)
        y = self._active(y, f"{name}_depthwise")
        y = self.convolve.across(y, f"{name}_project_conv/kernel")
        y = self.normalized(y, f"{name}_project_bn")
        return op.add(y, x) if block.has_shortcut else y

    def _active(self, x: ov.Output, layer: str) -> ov.Output:
        return op.clamp(self.normalized(x, f"{layer}_bn"), 0.0, 6.0)
