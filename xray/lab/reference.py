"""The trunk in Keras on TensorFlow: the reference that OpenVINO is measured by."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..network.densenet.architecture import EXPLAINED_LAYER
from ..network.engine import TrunkOutput
from ..network.weights import Weights

if TYPE_CHECKING:
    import tensorflow as tf


class TensorFlowEngine:
    """An engine as `OpenVinoEngine`, from the same weights."""

    name = "tensorflow"

    def __init__(self, weights: Weights) -> None:
        import keras
        import tensorflow as tf

        from .training.densenet import build_model, set_weights

        model = build_model()
        set_weights(model, weights)
        outputs = [model.get_layer(name).output for name in (EXPLAINED_LAYER, "pool")]
        trunk = keras.Model(model.input, outputs)

        def run(squares: "tf.Tensor") -> tuple["tf.Tensor", "tf.Tensor"]:
            three = tf.repeat(squares[..., None], 3, axis=-1)
            activations, features = trunk(three, training=False)
            return activations, features

        signature = [tf.TensorSpec((None, None, None), tf.float32)]
        self._run = tf.function(run, input_signature=signature)

    def forward(
        self,
        squares: NDArray[np.float32],
        busy: bool = False,  # noqa: ARG002
        maps: bool = True,
    ) -> TrunkOutput:
        """Run everything but the head: (N, 256, 256) in [-1, 1]."""
        activations, features = self._run(squares)
        return TrunkOutput(
            np.asarray(features, np.float32),
            np.asarray(activations, np.float32) if maps else None,
        )

    def activations(
        self,
        squares: NDArray[np.float32],
        busy: bool = False,  # noqa: ARG002
    ) -> NDArray[np.float32]:
        """Run the trunk: (N, 256, 256) in [-1, 1] to (N, 8, 8, 1856)."""
        return np.asarray(self._run(squares)[0], np.float32)
