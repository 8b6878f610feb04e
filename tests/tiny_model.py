"""A network of a few layers that takes and gives what the real one does."""

from pathlib import Path

import keras


def build_tiny_model(
    size: int = 16, imagenet: bool | Path = False, dropout: float = 0.0
) -> keras.Model:
    """Build a network of four layers with the real one's inputs and outputs."""
    picture = keras.Input((size, size, 3))
    x = keras.layers.Conv2D(8, 3, strides=2, name="conv1_conv")(picture)
    x = keras.layers.BatchNormalization(name="bn")(x)
    x = keras.layers.Activation("relu", name="relu")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    if dropout:
        x = keras.layers.Dropout(dropout, name="dropout")(x)
    logits = keras.layers.Dense(22, name="logits")(x)
    return keras.Model(picture, keras.layers.Softmax(name="probabilities")(logits))
