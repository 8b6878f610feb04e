"""The teacher: ImageNet's Xception, fine-tuned on the same films.

A network that has seen a million photographs makes other mistakes than one that has
only seen radiographs; learning its answers beside the labels hands some of that on
(distillation, Hinton, Vinyals & Dean 2015, arXiv 1503.02531). It is not shipped.
"""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..image import resize
from ..labels import BODY_PARTS
from ..network.model import build_model, set_weights
from ..network.weights import read_weights

SIZE = 192  # pixels of Xception's input


class Teacher:
    """Trained networks, ready to be asked; several answer with their mean.

    Args:
        paths: Their weights: `best.npz` of a run with recipe `teacher`, or any
            weights of the DenseNet itself, whose mistakes differ from Xception's.
    """

    def __init__(self, *paths: Path) -> None:
        self._networks = [_read_network(path) for path in paths]

    def answers(self, squares: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer as they would: (N, S, S), [0, 1], to probabilities (N, 22)."""
        answers = [_answers(network, squares) for network in self._networks]
        return np.asarray(np.mean(answers, axis=0), np.float32)


def build_xception(
    size: int = SIZE, imagenet: bool | Path = False, dropout: float = 0.0
) -> keras.Model:
    """Build the teacher (Chollet 2017, arXiv 1610.02357) with a head of 22 parts.

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


def _read_network(path: Path) -> keras.Model:
    weights = read_weights(path)
    is_xception = "block1_conv1/kernel" in weights
    network = build_xception(SIZE) if is_xception else build_model()
    set_weights(network, weights)
    return network


def _answers(network: keras.Model, squares: NDArray[np.float32]) -> NDArray[np.float32]:
    side = network.input_shape[1]
    fitting = np.stack([resize(square, side, side) for square in squares])
    pictures = np.repeat(fitting[..., None] * 2 - 1, 3, axis=-1)
    return np.asarray(network.predict_on_batch(pictures), np.float32)


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
