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
        model: Channels last; changed in place. Convolutions that Keras would pad
            unevenly keep Keras' way.
    """
    if keras.backend.backend() != "torch":
        return
    for layer in model.layers:
        if type(layer) is keras.layers.BatchNormalization and layer.axis in (-1, 3):
            layer.call = MethodType(_normalize, layer)
        elif type(layer) is keras.layers.Conv2D and _pads_evenly(layer):
            layer.call = MethodType(_convolve, layer)
        elif type(layer) is keras.layers.SeparableConv2D and _pads_evenly(layer):
            layer.call = MethodType(_convolve_apart, layer)


def _pads_evenly(layer: Any) -> bool:
    odd = all(side % 2 for side in layer.kernel_size)
    pointwise = max(layer.kernel_size) == 1
    whole = max(layer.strides) == 1 and odd
    plain = getattr(layer, "groups", 1) == 1 and max(layer.dilation_rate) == 1
    return plain and (layer.padding == "valid" or whole or pointwise)


def _padding(layer: Any) -> tuple[int, ...]:
    if layer.padding == "valid":
        return (0, 0)
    return tuple(side // 2 for side in layer.kernel_size)


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
    picture = inputs.permute(0, 3, 1, 2)
    output = functional.conv2d(picture, kernel, bias, self.strides, _padding(self))
    return self.activation(output.permute(0, 2, 3, 1))


def _convolve_apart(self: Any, inputs: "Tensor") -> "Tensor":
    from torch.nn import functional

    # (height, width, channels, multiplier) to a filter for each channel.
    each = self.depthwise_kernel.value.to(inputs.dtype).permute(2, 3, 0, 1)
    each = each.reshape(-1, 1, *self.kernel_size)
    across = self.pointwise_kernel.value.to(inputs.dtype).permute(3, 2, 0, 1)
    bias = self.bias.value.to(inputs.dtype) if self.use_bias else None
    picture = inputs.permute(0, 3, 1, 2)
    channels = picture.shape[1]
    spread = functional.conv2d(
        picture, each, None, self.strides, _padding(self), 1, channels
    )
    output = functional.conv2d(spread, across, bias)
    return self.activation(output.permute(0, 2, 3, 1))
