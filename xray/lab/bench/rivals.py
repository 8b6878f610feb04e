"""What `bench` compares with: tf-keras-vis and ONNX Runtime, on the same weights.

Both are needed for measuring only (requirements-bench.txt).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...image import INPUT_SIZE, preprocess
from ...network.densenet.architecture import (
    BATCH_NORM_EPSILON,
    EXPLAINED_LAYER,
    STEPS,
    Step,
)
from ...network.weights import DEFAULT_WEIGHTS, Weights
from ...reading.reader import read_radiograph

BATCH = 8


def keras_vis(weights: Weights) -> Callable[[Sequence[bytes]], None]:
    """Make the common way: `predict`, then GradcamPlusPlus, in batches of 8.

    Raises:
        ImportError: tf-keras-vis isn't installed.
    """
    import keras
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.utils.scores import CategoricalScore

    from ..training.densenet import build_model, set_weights

    model = build_model()
    set_weights(model, weights)
    logits = keras.Model(model.input, model.get_layer("logits").output)
    explainer = GradcamPlusPlus(logits, clone=False)

    def run(files: Sequence[bytes]) -> None:
        for start in range(0, len(files), BATCH):
            inputs = np.stack(
                [
                    preprocess(read_radiograph(data).pixels)
                    for data in files[start : start + BATCH]
                ]
            )
            answers = model.predict(inputs, verbose=0).argmax(axis=1)
            score = CategoricalScore(answers.tolist())
            explainer(score, inputs, penultimate_layer=EXPLAINED_LAYER)

    return run


def onnx_runtime(weights: Weights) -> Callable[[NDArray[np.float32]], NDArray[Any]]:
    """Make ONNX Runtime's bare forward of the whole network, in float32.

    Returns:
        From (N, 3, 256, 256) in [-1, 1] to logits (N, 22).

    Raises:
        ImportError: ONNX or ONNX Runtime isn't installed.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(
        _onnx_model(weights), providers=["CPUExecutionProvider"]
    )

    def run(pictures: NDArray[np.float32]) -> NDArray[Any]:
        return np.asarray(session.run(None, {"picture": pictures})[0])

    return run


def _onnx_model(weights: Weights) -> bytes:
    """Write the network as ONNX, layer by layer, as Keras would export it."""
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    x = graph.convolution("picture", "conv1_conv", stride=2, padding=3)
    x = graph.normalized(x, "conv1_bn")
    x = graph.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for step in STEPS:
        x = graph.step(x, step)
    x = graph.add("GlobalAveragePool", [graph.normalized(x, "bn")])
    x = graph.add("Flatten", [x])
    x = graph.add("Relu", [graph.dense(x, "dense_1024")])
    x = graph.dense(x, "logits")
    shape: list[str | int | None] = ["N", 3, INPUT_SIZE, INPUT_SIZE]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            DEFAULT_WEIGHTS.stem,
            [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(x, TensorProto.FLOAT, ["N", 22])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    return bytes(model.SerializeToString())


class _Graph:
    """ONNX nodes and constants as they are added."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def step(self, x: str, step: Step) -> str:
        prefix = step.prefix
        if step.kind == "transition":
            x = self.convolution(self.normalized(x, f"{prefix}_bn"), f"{prefix}_conv")
            return self.add("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
        y = self.convolution(self.normalized(x, f"{prefix}_0_bn"), f"{prefix}_1_conv")
        y = self.normalized(y, f"{prefix}_1_bn")
        y = self.convolution(y, f"{prefix}_2_conv", padding=1)
        return self.add("Concat", [x, y], axis=1)

    def convolution(self, x: str, layer: str, stride: int = 1, padding: int = 0) -> str:
        kernel = self.weights[f"{layer}/kernel"].transpose(3, 2, 0, 1)
        options = {"strides": [stride] * 2, "pads": [padding] * 4}
        return self.add(
            "Conv", [x, self.constant(f"{layer}/kernel", kernel)], **options
        )

    def normalized(self, x: str, layer: str) -> str:
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        keys = [f"{layer}/{name}" for name in names]
        constants = [self.constant(key, self.weights[key]) for key in keys]
        y = self.add("BatchNormalization", [x, *constants], epsilon=BATCH_NORM_EPSILON)
        return self.add("Relu", [y])

    def dense(self, x: str, layer: str) -> str:
        keys = (f"{layer}/kernel", f"{layer}/bias")
        return self.add(
            "Gemm", [x, *(self.constant(key, self.weights[key]) for key in keys)]
        )

    def constant(self, name: str, array: NDArray[np.float32]) -> str:
        from onnx import numpy_helper

        contiguous = np.ascontiguousarray(array, np.float32)
        self.constants.append(numpy_helper.from_array(contiguous, name))
        return name

    def add(self, kind: str, inputs: list[str], **options: Any) -> str:
        from onnx import helper

        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **options))
        return output
