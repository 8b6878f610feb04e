"""The network in Keras: DenseNet201, pooled, 1,024 hidden units, 22 logits, softmax.

This is the reference and what training changes; serving runs the same weights
through `trunk` and `tail`. Importing this module imports Keras.
"""

from pathlib import Path

import keras
import numpy as np

from ...errors import ModelError
from ...image import INPUT_SIZE
from ...labels import BODY_PARTS
from ...network.weights import Weights


def build_model(
    size: int = INPUT_SIZE, imagenet: bool | Path = False, dropout: float = 0.0
) -> keras.Model:
    """Build the network.

    Args:
        size: Side of the square input in pixels.
        imagenet: Start the trunk from ImageNet weights: True downloads them, a
            path reads Keras' own `notop` file.
        dropout: Share of pooled features dropped in training.

    Returns:
        A model from (N, size, size, 3) in [-1, 1] to (N, 22) probabilities.

    Raises:
        ModelError: The ImageNet weights can't be downloaded, or read.
    """
    try:
        trunk = keras.applications.DenseNet201(
            weights="imagenet" if imagenet is True else None,
            include_top=False,
            input_shape=(size, size, 3),
        )
        if isinstance(imagenet, Path):
            trunk.load_weights(imagenet)
    except Exception as error:  # Keras passes on whatever its parts raise
        if not imagenet:
            raise
        raise ModelError(
            "Expected ImageNet weights of DenseNet201 without top, could not "
            f"{'download' if imagenet is True else 'read'} them: {error}. Download "
            "Keras' densenet201 notop file (.h5) elsewhere and name it with --weights, "
            "or start from an .npz of this network or from none."
        ) from error
    x = keras.layers.GlobalAveragePooling2D(name="pool")(trunk.output)
    if dropout:
        x = keras.layers.Dropout(dropout, name="dropout")(x)
    x = keras.layers.Dense(1024, activation="relu", name="dense_1024")(x)
    logits = keras.layers.Dense(len(BODY_PARTS), dtype="float32", name="logits")(x)
    probabilities = keras.layers.Softmax(dtype="float32", name="probabilities")(logits)
    return keras.Model(trunk.input, probabilities, name="xray_densenet201")


def get_weights(model: keras.Model) -> Weights:
    """Copy a model's weights, keyed `layer/variable`."""
    return {
        f"{layer.name}/{variable.name}": np.array(variable.numpy())
        for layer in model.layers
        for variable in layer.weights
        if not variable.path.startswith("seed")
    }


def set_weights(model: keras.Model, weights: Weights) -> None:
    """Put weights keyed `layer/variable` into a model.

    Raises:
        ModelError: A weight is missing or has another shape.
    """
    for layer in model.layers:
        for variable in layer.weights:
            key = f"{layer.name}/{variable.name}"
            array = weights.get(key)
            if array is None or array.shape != tuple(variable.shape):
                received = "none" if array is None else str(array.shape)
                raise ModelError(
                    f"Expected weights {key} of shape {tuple(variable.shape)}, "
                    f"received {received}: they belong to another network."
                )
            variable.assign(array)
