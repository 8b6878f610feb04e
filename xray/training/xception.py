"""Xception in Keras, as the second reader is trained: from ImageNet to 22 parts."""

from pathlib import Path

import keras

from ..errors import ModelError
from ..image import SECOND_SIZE
from ..labels import BODY_PARTS


def build_xception(
    size: int = SECOND_SIZE, imagenet: bool | Path = False, dropout: float = 0.0
) -> keras.Model:
    """Build the second reader (Chollet 2017, arXiv 1610.02357) with a head of 22 parts.

    Args:
        size: Side of the square input in pixels.
        imagenet: Start from ImageNet weights: True downloads them, a path reads
            Keras' own `notop` file, or any .keras model that contains an Xception.
        dropout: Share of pooled features dropped in training.

    Returns:
        A model from (N, size, size, 3) in [-1, 1] to (N, 22) probabilities.

    Raises:
        ModelError: The file holds no Xception.
    """
    trunk = keras.applications.Xception(
        weights="imagenet" if imagenet is True else None,
        include_top=False,
        input_shape=(size, size, 3),
    )
    if isinstance(imagenet, Path):
        _read_imagenet(trunk, imagenet)
    _name_shortcuts(trunk)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(trunk.output)
    if dropout:
        x = keras.layers.Dropout(dropout, name="dropout")(x)
    logits = keras.layers.Dense(len(BODY_PARTS), dtype="float32", name="logits")(x)
    probabilities = keras.layers.Softmax(dtype="float32", name="probabilities")(logits)
    return keras.Model(trunk.input, probabilities, name="xray_xception")


def _read_imagenet(trunk: keras.Model, path: Path) -> None:
    if path.suffix != ".keras":
        trunk.load_weights(path)
        return
    whole = keras.saving.load_model(path, compile=False)
    for layer in (whole, *whole.layers):
        if getattr(layer, "name", "") == trunk.name:
            trunk.set_weights(layer.get_weights())
            return
    raise ModelError(f"Expected a model with a layer {trunk.name} in {path.name}.")


def _name_shortcuts(trunk: keras.Model) -> None:
    """Name the four shortcuts, which Keras numbers anew with each network built."""
    for kind in (keras.layers.Conv2D, keras.layers.BatchNormalization):
        unnamed = [
            layer
            for layer in trunk.layers
            if type(layer) is kind and not layer.name.startswith("block")
        ]
        for number, layer in enumerate(unnamed, 1):
            layer.name = f"shortcut{number}_{kind.__name__.lower()}"
