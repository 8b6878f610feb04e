"""Keras' slowest layers as PyTorch has them: the same sums, three times as fast.

Keras on PyTorch computes a batch's statistics from elementary operations and copies
convolutions' inputs; one call of PyTorch's own does either. Only training under
KERAS_BACKEND=torch comes here; every other backend runs Keras' layers as they are.
"""

from types import MethodType
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from torch import Tensor


def use_torch_layers(model: keras.Model) -> None:
    """Let PyTorch normalize and convolve in a model, where it is what Keras runs on.

    The running variance becomes PyTorch's, of N/(N - 1) times Keras' size: with some
    hundred positions a channel that is nothing.

    Args:
        model: Channels last; changed in place.
    """
    if keras.backend.backend() != "torch":
        return
    for layer in model.layers:
        if type(layer) is keras.layers.BatchNormalization and layer.axis in (-1, 3):
            layer.call = MethodType(_normalize, layer)
        elif type(layer) in _CONVOLUTIONS and _is_plain(layer):
            layer.call = MethodType(_CONVOLUTIONS[type(layer)], layer)


def _is_plain(layer: Any) -> bool:
    groups = getattr(layer, "groups", 1)
    return groups == 1 and max(layer.dilation_rate) == 1


def _slide(
    layer: Any,
    picture: "Tensor",
    kernel: "Tensor",
    bias: "Tensor | None" = None,
    groups: int = 1,
) -> "Tensor":
    """Convolve (N, C, H, W), padded as Keras does: the odd row or column comes last."""
    from torch.nn import functional

    pads: list[int] = []  # PyTorch begins with the last axis
    for side, width, stride in zip(
        reversed(picture.shape[2:]),
        reversed(kernel.shape[2:]),
        reversed(layer.strides),
        strict=True,
    ):
        missing = max((-(-side // stride) - 1) * stride + width - side, 0)
        pads += [missing // 2, missing - missing // 2]
    left, right, top, bottom = pads if layer.padding == "same" else (0, 0, 0, 0)
    if (left, top) != (right, bottom):
        picture = functional.pad(picture, (left, right, top, bottom))
        left = top = 0
    return functional.conv2d(
        picture, kernel, bias, layer.strides, (top, left), groups=groups
    )


def _normalize(
    self: Any,
    inputs: "Tensor",
    training: bool | None = None,
    mask: object = None,  # noqa: ARG001
) -> "Tensor":
    from torch.nn import functional

    output = functional.batch_norm(
        inputs.permute(0, 3, 1, 2),
        self.moving_mean.value,
        self.moving_variance.value,
        self.gamma.value,
        self.beta.value,
        bool(training and self.trainable),
        1 - self.momentum,
        self.epsilon,
    )
    return output.permute(0, 2, 3, 1)


def _convolve(self: Any, inputs: "Tensor") -> "Tensor":
    kernel = self.kernel.value.to(inputs.dtype).permute(3, 2, 0, 1)
    bias = self.bias.value.to(inputs.dtype) if self.use_bias else None
    output = _slide(self, inputs.permute(0, 3, 1, 2), kernel, bias)
    active: Tensor = self.activation(output.permute(0, 2, 3, 1))
    return active


def _convolve_each(self: Any, inputs: "Tensor") -> "Tensor":
    from torch import float32

    # PyTorch's gradient of a wide one takes a third of bfloat16's time
    # in float32.
    is_slow = max(self.kernel_size) > 3
    dtype = float32 if is_slow else inputs.dtype
    each = _a_filter_for_each(self.kernel.value.to(dtype))
    bias = self.bias.value.to(dtype) if self.use_bias else None
    picture = inputs.to(dtype).permute(0, 3, 1, 2)
    output = _slide(self, picture, each, bias, groups=picture.shape[1])
    active: Tensor = self.activation(output.to(inputs.dtype).permute(0, 2, 3, 1))
    return active


def _a_filter_for_each(kernel: "Tensor") -> "Tensor":
    """Lay (height, width, channels, multiplier) as a filter for each channel."""
    return kernel.permute(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2])


_CONVOLUTIONS = {
    keras.layers.Conv2D: _convolve,
    keras.layers.DepthwiseConv2D: _convolve_each,
}
