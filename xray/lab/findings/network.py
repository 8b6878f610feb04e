"""The network of findings in Keras: EfficientNet-Lite2 with three heads.

What the trunk sees at a 32nd and at a 16th of the side is merged (a feature pyramid's
finest step, Lin et al. 2017, arXiv 1612.03144, section 3) into a map of fractures; the
map's maximum stands beside the pooled features where the film as a whole is judged.
"""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from ...network.findings.answer import PROJECTIONS
from ..training.efficientnet import build_trunk, normalized, start_from_imagenet

MERGED = 96  # channels
RARE = -4.0  # logit of a fracture that a cell of the map starts with
FILM = 2 + len(PROJECTIONS)  # logits: fracture, hardware, projections
_FIRST_TRAINED = "stage3_block1_expand_conv"


def build_findings(
    size: int, imagenet: bool | Path = False, dropout: float = 0.0
) -> keras.Model:
    """Build the network.

    Args:
        size: Side of the square input in pixels, a multiple of 32.
        imagenet: As `build_efficientnet`.
        dropout: Share of pooled features dropped in training.

    Returns:
        A model from (N, size, size, 3) in [-1, 1] to logits: "where"
        (N, size / 16, size / 16, 1) and "film" (N, 6).
    """
    picture, fine, coarse = build_trunk(size)
    merged = keras.layers.Add(name="merged")(
        [
            keras.layers.Conv2D(MERGED, 1, use_bias=False, name="fine_conv")(fine),
            keras.layers.UpSampling2D(2, name="wider")(
                keras.layers.Conv2D(MERGED, 1, use_bias=False, name="coarse_conv")(
                    coarse
                )
            ),
        ]
    )
    x = normalized(merged, "merged", active=True)
    x = keras.layers.DepthwiseConv2D(
        3, padding="same", use_bias=False, name="near_depthwise_conv"
    )(x)
    x = normalized(x, "near", active=True)
    rare = keras.initializers.Constant(RARE)
    where = keras.layers.Conv2D(
        1, 1, bias_initializer=rare, dtype="float32", name="where"
    )(x)
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(coarse)
    if dropout:
        pooled = keras.layers.Dropout(dropout, name="dropout")(pooled)
    most = keras.layers.GlobalMaxPooling2D(dtype="float32", name="most")(where)
    both = keras.layers.Concatenate(dtype="float32", name="both")([pooled, most])
    film = keras.layers.Dense(FILM, dtype="float32", name="film")(both)
    model = keras.Model(picture, {"where": where, "film": film}, name="xray_findings")
    start_from_imagenet(model, imagenet)
    _trust_the_map(model)
    return model


def freeze(model: keras.Model) -> None:
    """Leave stem and two stages as ImageNet taught them: edges are edges in films.

    They see the most pixels: without their gradients a step takes half the time.
    """
    for layer in model.layers:
        if layer.name == _FIRST_TRAINED:
            return
        layer.trainable = False


def _trust_the_map(model: keras.Model) -> None:
    """Begin with the film's fracture as what the map's maximum says."""
    layer: Any = model.get_layer("film")
    kernel, bias = layer.get_weights()
    kernel[-1] = np.eye(FILM)[0]
    layer.set_weights([kernel, bias])
