"""PyTorch's own layers under Keras: the same numbers as Keras' own.

PyTorch is no requirement: where it isn't installed, only its absence is tested.
"""

import importlib.util
import os
import subprocess
import sys

import keras

from xray.lab.training.torch_layers import use_torch_layers

CHECK = """
import keras, numpy as np
from xray.lab.training.torch_layers import use_torch_layers

keras.utils.set_random_seed(0)
x = inputs = keras.Input((14, 13, 4))
x = keras.layers.Conv2D(8, 3, 2, use_bias=False)(x)
x = keras.layers.BatchNormalization()(x)
x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(x)
x = keras.layers.DepthwiseConv2D(5, padding="same", use_bias=False)(x)
x = keras.layers.Conv2D(7, 3, 2, padding="same")(x)
x = keras.layers.DepthwiseConv2D(5, 2, padding="same", use_bias=False)(x)
x = keras.layers.DepthwiseConv2D(3, padding="same")(x)
x = keras.layers.Conv2D(5, 1, 2, padding="same")(x)
x = keras.layers.BatchNormalization(trainable=False)(x)
model = keras.Model(inputs, x)
pictures = np.random.default_rng(0).random((3, 14, 13, 4), np.float32)
found = []
for _ in range(2):
    for training in (False, True):
        weights = model.get_weights()
        output = model(pictures, training=training)
        found.append(keras.ops.convert_to_numpy(output))
        model.set_weights(weights)
    use_torch_layers(model)
for before, after in zip(found[:2], found[2:]):
    np.testing.assert_allclose(after, before, atol=2e-5)
assert all("call" in vars(layer) for layer in model.layers[1:])
model(pictures, training=True)
assert abs(model.layers[2].moving_mean.numpy()).max() > 0
"""


def test_other_backends_keep_their_layers() -> None:
    if keras.backend.backend() == "torch":
        return
    inputs = keras.Input((8, 8, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(2, 3)(inputs))
    use_torch_layers(model)
    assert "call" not in vars(model.layers[1])


if importlib.util.find_spec("torch"):

    def test_numbers_are_those_of_keras() -> None:
        environment = os.environ | {"KERAS_BACKEND": "torch"}
        subprocess.run([sys.executable, "-c", CHECK], env=environment, check=True)
