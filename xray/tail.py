"""The network behind a layer, forward and backward, in NumPy.

What follows the explained layer is a few matrix products on an 8 x 8 grid, so
prediction and gradient from the trunk's output cost milliseconds and need no
framework. The same code runs from any earlier step, for maps of earlier layers.
Gradients are those of one logit an image, to the layer where the tail begins.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .architecture import EXPLAINED_LAYER, Step, cut, scale_and_shift
from .weights import Weights

Array = NDArray[np.float32]


class Tail:
    """The steps after a layer and the head, with the gradient back to it."""

    def __init__(self, weights: Weights, layer: str = EXPLAINED_LAYER) -> None:
        self.layer = layer
        steps = cut(layer)[1]
        self._steps: list[_Part] = [_part(weights, step) for step in steps]
        self._head = _Head(weights)

    def logits(self, activations: Array) -> Array:
        """Run forward.

        Args:
            activations: (N, H, W, C), the output of the tail's layer.

        Returns:
            (N, 22), before softmax.
        """
        return self._forward(activations)[0]

    def gradients(
        self, activations: Array, labels: Sequence[int] | None = None
    ) -> tuple[Array, Array]:
        """Run forward, and backward from one logit of each image.

        Args:
            activations: (N, H, W, C), the output of the tail's layer.
            labels: N class numbers; None takes each image's likeliest.

        Returns:
            Logits (N, 22), and the gradient of each image's chosen logit with
            respect to `activations`, (N, H, W, C).
        """
        logits, tape = self._forward(activations)
        chosen = logits.argmax(axis=1) if labels is None else np.asarray(labels)
        gradient = self._head.backward(chosen, tape.pop())
        for part in reversed(self._steps):
            gradient = part.backward(gradient, tape.pop())
        return logits, gradient

    def _forward(self, activations: Array) -> tuple[Array, list[list[Array]]]:
        x = np.asarray(activations, np.float32)
        tape: list[list[Array]] = []
        for part in self._steps:
            x, kept = part.forward(x)
            tape.append(kept)
        logits, kept = self._head.forward(x)
        tape.append(kept)
        return logits, tape


class _Part(Protocol):
    def forward(self, x: Array) -> tuple[Array, list[Array]]: ...

    def backward(self, gradient: Array, kept: list[Array]) -> Array: ...


def _part(weights: Weights, step: Step) -> _Part:
    kind = _Dense if step.kind == "dense" else _Transition
    return kind(weights, step.prefix)


class _Dense:
    """BN, ReLU, 1x1 convolution, BN, ReLU, 3x3 convolution, concatenation."""

    def __init__(self, weights: Weights, prefix: str) -> None:
        self.scale, self.shift = scale_and_shift(weights, f"{prefix}_0_bn")
        inner_scale, self.inner_shift = scale_and_shift(weights, f"{prefix}_1_bn")
        # The inner batch normalization is folded into the 1x1 convolution.
        self.narrow = weights[f"{prefix}_1_conv/kernel"][0, 0] * inner_scale
        self.wide = weights[f"{prefix}_2_conv/kernel"]  # (3, 3, 128, 32)

    def forward(self, x: Array) -> tuple[Array, list[Array]]:
        outer = np.maximum(x * self.scale + self.shift, 0)
        inner = np.maximum(outer @ self.narrow + self.inner_shift, 0)
        grown = np.concatenate([x, _convolve(inner, self.wide)], axis=-1)
        return grown, [outer, inner]

    def backward(self, gradient: Array, kept: list[Array]) -> Array:
        outer, inner = kept
        channels = outer.shape[-1]
        # The gradient of a convolution is one with the kernel turned around.
        turned = self.wide[::-1, ::-1].swapaxes(2, 3)
        to_inner = _convolve(gradient[..., channels:], turned) * (inner > 0)
        to_outer = (to_inner @ self.narrow.T) * (outer > 0)
        return np.asarray(gradient[..., :channels] + to_outer * self.scale)


class _Transition:
    """BN, ReLU, 1x1 convolution, 2x2 average pooling."""

    def __init__(self, weights: Weights, prefix: str) -> None:
        self.scale, self.shift = scale_and_shift(weights, f"{prefix}_bn")
        self.kernel = weights[f"{prefix}_conv/kernel"][0, 0]

    def forward(self, x: Array) -> tuple[Array, list[Array]]:
        active = np.maximum(x * self.scale + self.shift, 0)
        n, height, width, channels = active.shape
        quads = active.reshape(n, height // 2, 2, width // 2, 2, channels)
        # Pooling and the 1x1 convolution commute; pooling first is cheaper.
        return quads.mean(axis=(2, 4)) @ self.kernel, [active]

    def backward(self, gradient: Array, kept: list[Array]) -> Array:
        pooled = (gradient @ self.kernel.T) / 4
        spread = pooled.repeat(2, axis=1).repeat(2, axis=2)
        return np.asarray(spread * (kept[0] > 0) * self.scale)


class _Head:
    """BN, ReLU, global average, 1,024 hidden units, 22 logits."""

    def __init__(self, weights: Weights) -> None:
        self.scale, self.shift = scale_and_shift(weights, "bn")
        self.hidden = weights["dense_1024/kernel"]
        self.hidden_bias = weights["dense_1024/bias"]
        self.out = weights["logits/kernel"]
        self.out_bias = weights["logits/bias"]

    def forward(self, x: Array) -> tuple[Array, list[Array]]:
        active = np.maximum(x * self.scale + self.shift, 0)
        pooled = active.mean(axis=(1, 2))
        hidden = np.maximum(pooled @ self.hidden + self.hidden_bias, 0)
        return hidden @ self.out + self.out_bias, [active, hidden]

    def backward(self, labels: NDArray[np.int64], kept: list[Array]) -> Array:
        active, hidden = kept
        to_hidden = self.out.T[labels] * (hidden > 0)
        to_pooled = to_hidden @ self.hidden.T / (active.shape[1] * active.shape[2])
        return np.asarray(to_pooled[:, None, None] * (active > 0) * self.scale)


def _convolve(x: Array, kernel: Array) -> Array:
    """Convolve 3x3, stride 1, zero padding: (N, H, W, C) by (3, 3, C, D)."""
    n, height, width, channels = x.shape
    padded = np.zeros((n, height + 2, width + 2, channels), np.float32)
    padded[:, 1:-1, 1:-1] = x
    result = np.zeros((n, height, width, kernel.shape[-1]), np.float32)
    for row in range(3):
        for column in range(3):
            window = padded[:, row : row + height, column : column + width]
            result += window @ kernel[row, column]
    return result
