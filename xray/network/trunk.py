"""The network up to a layer as an OpenVINO model, built straight from the weights.

No Keras, no ONNX, no conversion: the graph is put together from the weights file
in a fraction of a second.
"""

import tempfile
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op

from ..image import INPUT_SIZE
from .architecture import EXPLAINED_LAYER, Step, cut, scale_and_shift
from .weights import Weights

PACKED_GRAPH = "trunk.xml"
PACKED_NUMBERS = "trunk.bin"


def build_trunk(weights: Weights, layer: str = EXPLAINED_LAYER) -> ov.Model:
    """Build the network from the picture to a layer.

    The picture's three equal channels are folded into one.

    Args:
        weights: Of the whole network.
        layer: Output of a dense step or transition.

    Returns:
        A model from (N, 1, 256, 256) in [-1, 1] to (N, H, W, C).
    """
    picture = op.parameter([-1, 1, INPUT_SIZE, INPUT_SIZE], np.float32, "picture")
    kernel = weights["conv1_conv/kernel"].sum(axis=2, keepdims=True)
    x = _convolution(picture, kernel, stride=2, padding=3)
    x = op.relu(_normalized(x, weights, "conv1_bn"))
    x = op.max_pool(x, [2, 2], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)
    for step in cut(layer)[0]:
        x = _step(x, weights, step)
    channels_last = op.transpose(x, np.array([0, 2, 3, 1]))
    return ov.Model([op.result(channels_last)], [picture], "xray_trunk")


def add_pool(trunk: ov.Model, weights: Weights) -> ov.Model:
    """Let a trunk go on to the pooled features that the head decides from.

    Args:
        trunk: Up to the explained layer, as built or unpacked.
        weights: Of what follows that layer.

    Returns:
        A model with two outputs: the trunk's own, and (N, 1920).
    """
    (explained,) = trunk.get_results()
    channels_last = explained.input_value(0).get_node()
    x = channels_last.input_value(0)
    for step in cut(EXPLAINED_LAYER)[1]:
        x = _step(x, weights, step)
    x = op.relu(_normalized(x, weights, "bn"))
    pooled = op.reduce_mean(x, np.array([2, 3]))
    results = [explained, op.result(pooled)]
    return ov.Model(results, trunk.get_parameters(), "xray_network")


def pack_trunk(model: ov.Model) -> Weights:
    """Turn a trunk that was changed after it was built into arrays of bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trunk.xml")
        ov.save_model(model, path, compress_to_fp16=True)
        return {
            name: np.frombuffer(path.with_suffix(ending).read_bytes(), np.uint8)
            for name, ending in ((PACKED_GRAPH, ".xml"), (PACKED_NUMBERS, ".bin"))
        }


def unpack_trunk(weights: Weights) -> ov.Model:
    """Read what `pack_trunk` wrote; it ends at the explained layer."""
    graph, numbers = weights[PACKED_GRAPH], weights[PACKED_NUMBERS]
    return ov.Core().read_model(model=graph.tobytes(), weights=numbers.tobytes())


def _step(x: ov.Output, weights: Weights, step: Step) -> ov.Output:
    prefix = step.prefix
    if step.kind == "transition":
        x = op.relu(_normalized(x, weights, f"{prefix}_bn"))
        x = _convolution(x, weights[f"{prefix}_conv/kernel"])
        return op.avg_pool(x, [2, 2], [0, 0], [0, 0], [2, 2], True)
    y = op.relu(_normalized(x, weights, f"{prefix}_0_bn"))
    y = _convolution(y, weights[f"{prefix}_1_conv/kernel"])
    y = op.relu(_normalized(y, weights, f"{prefix}_1_bn"))
    y = _convolution(y, weights[f"{prefix}_2_conv/kernel"], padding=1)
    return op.concat([x, y], 1)


def _convolution(
    x: ov.Output, kernel: NDArray[np.float32], stride: int = 1, padding: int = 0
) -> ov.Output:
    constant = op.constant(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
    pads = [padding, padding]
    return op.convolution(x, constant, [stride, stride], pads, pads, [1, 1])


def _normalized(x: ov.Output, weights: Weights, layer: str) -> ov.Output:
    scale, shift = scale_and_shift(weights, layer)
    scaled = op.multiply(x, op.constant(scale.reshape(1, -1, 1, 1)))
    return op.add(scaled, op.constant(shift.reshape(1, -1, 1, 1)))
