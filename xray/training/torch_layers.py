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


def _padded(layer: Any, picture: "Tensor") -> "Tensor":
    """Pad (N, C, H, W) as Keras does: the odd row or column comes last."""
    from torch.nn import functional

    if layer.padding == "valid" or max(layer.kernel_size) == 1:
        return picture
    pads: list[int] = []  # PyTorch begins with the last axis
    for side, kernel, stride in zip(
        reversed(picture.shape[2:]),
        reversed(layer.kernel_size),
        reversed(layer.strides),
        strict=True,
    ):
        missing = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        pads += [missing // 2, missing - missing // 2]
    return functional.pad(picture, pads)


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
    from torch.nn import functional

    kernel = self.kernel.value.to(inputs.dtype).permute(3, 2, 0, 1)
    bias = self.bias.value.to(inputs.dtype) if self.use_bias else None
    picture = _padded(self, inputs.permute(0, 3, 1, 2))
    output = functional.conv2d(picture, kernel, bias, self.strides)
    return self.activation(output.permute(0, 2, 3, 1))


def _convolve_apart(self: Any, inputs: "Tensor") -> "Tensor":
    from torch.nn import functional

    # (height, width, channels, multiplier) to a filter for each channel.
    each = self.depthwise_kernel.value.to(inputs.dtype).permute(2, 3, 0, 1)
    each = each.reshape(-1, 1, *self.kernel_size)
    across = self.pointwise_kernel.value.to(inputs.dtype).permute(3, 2, 0, 1)
    bias = self.bias.value.to(inputs.dtype) if self.use_bias else None
    picture = _padded(self, inputs.permute(0, 3, 1, 2))
    spread = functional.conv2d(
        picture, each, None, self.strides, groups=picture.shape[1]
    )
    output = functional.conv2d(spread, across, bias)
    return self.activation(output.permute(0, 2, 3, 1))


def _convolve_each(self: Any, inputs: "Tensor") -> "Tensor":
    from torch.nn import functional

    each = self.kernel.value.to(inputs.dtype).permute(2, 3, 0, 1)
    each = each.reshape(-1, 1, *self.kernel_size)
    bias = self.bias.value.to(inputs.dtype) if self.use_bias else None
    picture = _padded(self, inputs.permute(0, 3, 1, 2))
    output = functional.conv2d(
        picture, each, bias, self.strides, groups=picture.shape[1]
    )
    return self.activation(output.permute(0, 2, 3, 1))


_CONVOLUTIONS = {
    keras.layers.Conv2D: _convolve,
    keras.layers.SeparableConv2D: _convolve_apart,
    keras.layers.DepthwiseConv2D: _convolve_each,
}
