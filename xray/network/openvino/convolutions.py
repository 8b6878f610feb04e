"""A network's convolutions as OpenVINO computes them, in 8-bit integers where it can.

Where the weights hold the range of what enters a convolution (see
`lab.training.ranges`), kernels and activations are rounded to 8 bits (Jacob et al.
2018, arXiv 1712.05877, section 3): far faster where the processor has instructions for
that, and as exact as the rounding. Kernels are rounded in the steps that their file
stores them in, so that they lose nothing more.
"""

import numpy as np
import openvino as ov
from numpy.typing import ArrayLike, NDArray
from openvino import opset13 as op

from ..densenet.architecture import scale_and_shift
from ..weights import LEVELS, RANGE, Weights

SAME = -1  # padding so that only the stride makes a picture smaller, as Keras has it
_SMALLEST_STEP = np.float32(1e-12)  # of a kernel that is all 0


class Convolutions:
    """Makes one network's convolutions and normalizations, and notes what enters.

    Args:
        weights: Of the whole network, keyed `layer/variable`; with ranges for 8 bits,
            keyed as their kernels with `RANGE` behind.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.entering: dict[str, ov.Output] = {}  # by kernel

    def first(
        self, picture: ov.Output, name: str, stride: int, padding: int
    ) -> ov.Output:
        """Convolve the picture, its three equal channels folded into one.

        In full: the picture's gray levels are all that the network has.
        """
        kernel = _laid(self._weights[name].sum(axis=2, keepdims=True))
        return _convolved(picture, op.constant(kernel), stride, padding)

    def across(self, x: ov.Output, name: str, padding: int = 0) -> ov.Output:
        """Convolve with a kernel (height, width, in, out), as Keras lays it."""
        x = self._entered(x, name)
        kernel = self._kernel(_laid(self._weights[name]), name)
        return _convolved(x, kernel, 1, padding)

    def by_channel(self, x: ov.Output, name: str, stride: int = 1) -> ov.Output:
        """Convolve each channel alone with its kernel (side, side, channels, 1).

        Padded so that only the stride makes the picture smaller.
        """
        x = self._entered(x, name)
        # To (groups, 1, 1, height, width).
        each = self._weights[name].transpose(2, 3, 0, 1)[:, :, None]
        kernel = self._kernel(np.ascontiguousarray(each), name)
        return op.group_convolution(x, kernel, *_placed(stride, SAME))

    def normalized(self, x: ov.Output, layer: str, epsilon: float) -> ov.Output:
        """Apply a batch normalization."""
        scale, shift = scale_and_shift(self._weights, layer, epsilon)
        scaled = op.multiply(x, op.constant(scale.reshape(1, -1, 1, 1)))
        return op.add(scaled, op.constant(shift.reshape(1, -1, 1, 1)))

    def _entered(self, x: ov.Output, name: str) -> ov.Output:
        """Note what enters a convolution; in 8 bits, if its range is known."""
        self.entering[name] = x
        if name + RANGE not in self._weights:
            return x
        least, most = self._weights[name + RANGE]
        if least >= 0:
            return _in_steps(x, np.float32(0), most)
        end = max(-least, most)
        # 0 stays 0: 128 steps below it, 127 above.
        return _in_steps(x, -end, end * np.float32(127 / 128))

    def _kernel(self, kernel: NDArray[np.float32], name: str) -> ov.Output:
        """Make a kernel (channels, ...) a constant, in the steps it is stored in."""
        if name + RANGE not in self._weights:
            return op.constant(kernel)
        axes = tuple(range(1, kernel.ndim))
        step = np.abs(kernel).max(axis=axes, keepdims=True) / np.float32(LEVELS)
        step = np.maximum(step, _SMALLEST_STEP).astype(np.float32)
        steps = op.constant(np.rint(kernel / step).astype(np.int8))
        return op.multiply(op.convert(steps, np.float32), op.constant(step))


def _laid(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay Keras' (height, width, in, out) as (out, in, height, width)."""
    return np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))


def _convolved(x: ov.Output, kernel: ov.Output, stride: int, padding: int) -> ov.Output:
    return op.convolution(x, kernel, *_placed(stride, padding))


def _placed(stride: int, padding: int) -> tuple[list[int] | str, ...]:
    """Strides, padding before and behind, dilations and kind of padding."""
    pads = [max(padding, 0)] * 2
    kind = "same_upper" if padding == SAME else "explicit"
    return [stride, stride], pads, pads, [1, 1], kind


def _in_steps(x: ov.Output, least: ArrayLike, most: ArrayLike) -> ov.Output:
    """Round to 256 levels, which OpenVINO then computes in integers."""
    low, high = (op.constant(np.asarray(end, np.float32)) for end in (least, most))
    return op.fake_quantize(x, low, high, low, high, 256)
