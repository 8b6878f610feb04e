"""The network behind a layer, forward and backward, in NumPy.

What follows the explained layer is a few matrix products on an 8 x 8 grid, so
prediction and gradient from the trunk's output cost milliseconds and need no
framework. The same code runs from any earlier step, for maps of earlier layers.
Gradients are those of one logit an image, to the layer where the tail begins.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ..weights import Weights
from .architecture import EXPLAINED_LAYER, Step, cut, scale_and_shift

Array = NDArray[np.float32]


class Tail:
    """The steps after a layer and the head, with the gradient back to it."""

    def __init__(self, weights: Weights, layer: str = EXPLAINED_LAYER) -> None:
        self.layer = layer
        steps = cut(layer)[1]
        self._steps: list[_Part] = [_part(weights, step) for step in steps]
        self._outputs = [step.output for step in steps]
        self._head = _Head(weights)

    def logits(self, activations: Array) -> Array:
        """Run forward from (N, H, W, C), what the tail's layer puts out: (N, 22)."""
        return self._forward(activations)[0]

    def decide(self, features: Array) -> Array:
        """Run the head alone: pooled features (N, 1920), at least 0, to (N, 22)."""
        return self._head.decide(features)[0]

    def gradients(
        self, activations: Array, labels: Sequence[int] | None = None
    ) -> tuple[Array, Array]:
        """Run forward, and backward from one logit an image, the likeliest if None.

        Returns:
            Logits (N, 22), and the gradient of each image's chosen logit with
            respect to `activations`, (N, H, W, C).
        """
        logits, found = self.gradients_at([self.layer], activations, labels)
        return logits, found[self.layer][1]

    def gradients_in_turn(
        self, activations: Array, choices: Iterable[Sequence[int]]
    ) -> Iterator[Array]:
        """Run forward once, and backward from one logit of each image after another.

        Activations are those of the tail's layer, (N, H, W, C).

        Yields:
            For each choice the gradient of its logits with respect to `activations`.
        """
        tape = self._forward(activations)[1]
        for labels in choices:
            yield self._backward(np.asarray(labels), tape)[self.layer]

    def gradients_at(
        self,
        layers: Collection[str],
        activations: Array,
        labels: Sequence[int] | None = None,
    ) -> tuple[Array, dict[str, tuple[Array, Array]]]:
        """Run forward and backward once, and keep several layers on the way.

        Args:
            layers: The tail's layer, and outputs of its steps.
            activations: (N, H, W, C), the output of the tail's layer.
            labels: N class numbers; None takes each image's likeliest.

        Returns:
            Logits (N, 22), and for each layer its activations and their gradient,
            both (N, H, W, C) of that layer.

        Raises:
            ModelError: A layer isn't part of the tail.
        """
        if unknown := set(layers) - {self.layer, *self._outputs}:
            raise ModelError(
                f"Expected layers from {self.layer} on. Received: {sorted(unknown)}"
            )
        logits, tape, seen = self._forward(activations, layers)
        chosen = logits.argmax(axis=1) if labels is None else np.asarray(labels)
        gradients = self._backward(chosen, tape)
        return logits, {layer: (seen[layer], gradients[layer]) for layer in layers}

    def _forward(
        self, activations: Array, layers: Collection[str] = ()
    ) -> tuple[Array, list[list[Array]], dict[str, Array]]:
        x = np.asarray(activations, np.float32)
        tape: list[list[Array]] = []
        seen = {self.layer: x}
        for part, output in zip(self._steps, self._outputs, strict=True):
            x, kept = part.forward(x)
            tape.append(kept)
            if output in layers:
                seen[output] = x
        logits, kept = self._head.forward(x)
        tape.append(kept)
        return logits, tape, seen

    def _backward(
        self, labels: NDArray[np.intp], tape: Sequence[list[Array]]
    ) -> dict[str, Array]:
        """Go back from one logit an image: the gradient at every layer of the tail."""
        gradient = self._head.backward(labels, tape[-1])
        found: dict[str, Array] = {}
        for part, output, kept in zip(
            self._steps[::-1], self._outputs[::-1], tape[-2::-1], strict=True
        ):
            found[output] = gradient
            gradient = part.backward(gradient, kept)
        found[self.layer] = gradient
        return found


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
        # The gradient of a convolution is one with the kernel turned around.
        turned = self.wide[::-1, ::-1].swapaxes(2, 3)
        self.turned = np.ascontiguousarray(turned)  # (3, 3, 32, 128)

    def forward(self, x: Array) -> tuple[Array, list[Array]]:
        outer = _normalize(x, self.scale, self.shift)
        inner = _times(outer, self.narrow)
        inner += self.inner_shift
        np.maximum(inner, 0, out=inner)
        grown = np.concatenate([x, _convolve(inner, self.wide)], axis=-1)
        return grown, [outer, inner]

    def backward(self, gradient: Array, kept: list[Array]) -> Array:
        outer, inner = kept
        channels = outer.shape[-1]
        to_inner = _convolve(gradient[..., channels:], self.turned) * (inner > 0)
        to_outer = _times(to_inner, self.narrow.T)
        to_outer *= outer > 0
        to_outer *= self.scale
        to_outer += gradient[..., :channels]
        return to_outer


class _Transition:
    """BN, ReLU, 1x1 convolution, 2x2 average pooling."""

    def __init__(self, weights: Weights, prefix: str) -> None:
        self.scale, self.shift = scale_and_shift(weights, f"{prefix}_bn")
        self.kernel = weights[f"{prefix}_conv/kernel"][0, 0]

    def forward(self, x: Array) -> tuple[Array, list[Array]]:
        active = _normalize(x, self.scale, self.shift)
        n, height, width, channels = active.shape
        quads = active.reshape(n, height // 2, 2, width // 2, 2, channels)
        # Pooling and the 1x1 convolution commute; pooling first is cheaper.
        return _times(quads.mean(axis=(2, 4)), self.kernel), [active]

    def backward(self, gradient: Array, kept: list[Array]) -> Array:
        pooled = _times(gradient, self.kernel.T) / 4
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
        active = _normalize(x, self.scale, self.shift)
        pooled = active.mean(axis=(1, 2))
        logits, hidden = self.decide(pooled)
        return logits, [active, hidden]

    def decide(self, pooled: Array) -> tuple[Array, Array]:
        hidden = np.maximum(pooled @ self.hidden + self.hidden_bias, 0)
        return hidden @ self.out + self.out_bias, hidden

    def backward(self, labels: NDArray[np.intp], kept: list[Array]) -> Array:
        active, hidden = kept
        to_hidden = self.out.T[labels] * (hidden > 0)
        scale = self.scale / (active.shape[1] * active.shape[2])
        to_pooled = (to_hidden @ self.hidden.T) * scale
        return np.asarray(to_pooled[:, None, None] * (active > 0))


def _normalize(x: Array, scale: Array, shift: Array) -> Array:
    """Apply batch normalization and ReLU."""
    # In place from the first product on: fresh memory costs more than the sums.
    result = x * scale
    result += shift
    np.maximum(result, 0, out=result)
    return result


def _convolve(x: Array, kernel: Array) -> Array:
    """Convolve 3x3, stride 1, zero padding: (N, H, W, C) by (3, 3, C, D)."""
    n, height, width, channels = x.shape
    padded = np.zeros((n, height + 2, width + 2, channels), np.float32)
    padded[:, 1:-1, 1:-1] = x
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
    patches = windows.transpose(0, 1, 2, 4, 5, 3).reshape(n, height, width, -1)
    return _times(patches, kernel.reshape(9 * channels, -1))


def _times(x: Array, matrix: Array) -> Array:
    """Multiply the last axis: (N, H, W, C) by (C, D)."""
    # As one matrix: NumPy would multiply a stack of them row by row.
    product: Array = x.reshape(-1, x.shape[-1]) @ matrix
    return product.reshape(*x.shape[:-1], -1)
