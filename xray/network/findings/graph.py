"""The network of findings as an OpenVINO model, built straight from its weights."""

import numpy as np
import openvino as ov
from openvino import opset13 as op

from ..efficientnet.graph import EfficientNetTrunk
from ..openvino.graph import Graph, picture_of
from ..weights import Weights


def build(weights: Weights, size: int) -> Graph:
    """Build the network.

    It computes in 8 bits where the weights have ranges; the size is a multiple of
    32.

    Returns:
        From (1, 1, size, size) in [-1, 1] to the logits of the film (1, 6) and of the
        map (1, 1, size / 16, size / 16).
    """
    picture = picture_of(size)
    trunk = EfficientNetTrunk(weights, picture)
    convolve = trunk.convolve
    fine = convolve.across(trunk.fine, "fine_conv/kernel")
    coarse = convolve.across(trunk.coarse, "coarse_conv/kernel")
    x = trunk.active(op.add(fine, _twice_as_wide(coarse)), "merged")
    x = trunk.active(convolve.by_channel(x, "near_depthwise_conv/kernel"), "near")
    kernel = weights["where/kernel"].transpose(3, 2, 0, 1)
    where = op.convolution(
        x, op.constant(np.ascontiguousarray(kernel)), [1, 1], [0, 0], [0, 0], [1, 1]
    )
    where = op.add(where, op.constant(weights["where/bias"].reshape(1, 1, 1, 1)))
    pooled = op.reduce_mean(trunk.coarse, np.array([2, 3]))
    most = op.reduce_max(where, np.array([2, 3]))
    film = op.matmul(
        op.concat([pooled, most], 1), op.constant(weights["film/kernel"]), False, False
    )
    film = op.add(film, op.constant(weights["film/bias"]))
    return Graph("xray_findings", picture, convolve, (film, where))


def _twice_as_wide(x: ov.Output) -> ov.Output:
    """Repeat each cell twice in both directions."""
    scales = op.constant(np.array([2, 2], np.float32))
    axes = op.constant(np.array([2, 3], np.int64))
    return op.interpolate(
        x,
        scales,
        "nearest",
        "scales",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
        axes=axes,
    )
