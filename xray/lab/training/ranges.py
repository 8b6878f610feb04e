"""What enters a network's convolutions: how it learns to compute in 8 bits.

Jacob et al. 2018, arXiv 1712.05877, section 3: kernels are rounded symmetrically,
activations between what they reach on average over calibration films.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op

from ...classify.trust.confidence import softmax
from ...image import INPUT_SIZE, GrayImage
from ...network.backbones import EFFICIENTNET_LITE2, find_backbone
from ...network.densenet.trunk import build_network
from ...network.efficientnet import graph as efficientnet_graph
from ...network.ensemble import SIZE, to_pictures
from ...network.openvino.compiled import CompiledModel
from ...network.openvino.graph import Graph
from ...network.weights import RANGE, Weights


def measure_ranges(weights: Weights, squares: Sequence[GrayImage]) -> Weights:
    """Measure the least and the most that enters each convolution but the first.

    Args:
        weights: Of either backbone, without ranges.
        squares: Calibration films, (256, 256) in [0, 1], letterboxed and stretched.

    Returns:
        For each kernel, named with `RANGE` behind, (2,): means over the films.
    """
    if find_backbone(weights) == EFFICIENTNET_LITE2:
        graph = efficientnet_graph.build(weights, SIZE)
        return mean_ranges(graph, SIZE, (to_pictures([each]) for each in squares))
    pictures = (each[None, None] * 2 - 1 for each in squares)
    return mean_ranges(build_network(weights), INPUT_SIZE, pictures)


def mean_ranges(
    graph: Graph,
    size: int,
    pictures: Iterable[NDArray[np.float32]],
) -> Weights:
    """Average the least and the most that enters each convolution over pictures.

    Args:
        graph: A network, of weights without ranges.
        size: Side of its pictures in pixels.
        pictures: (1, 1, size, size) each, [-1, 1].

    Returns:
        As `measure_ranges`.
    """
    entering = graph.convolve.entering
    extremes = op.concat([_extremes(x) for x in entering.values()], 0)  # (K, 2)
    probe = ov.Model([op.result(extremes)], [graph.picture.get_node()], "probe")
    model = CompiledModel(lambda: probe, size, "LATENCY", exact=True)
    found = np.stack([model.run(picture, (0,))[0] for picture in pictures])
    means = found.mean(axis=0)  # (K, 2)
    return {name + RANGE: means[number] for number, name in enumerate(entering)}


def _extremes(x: ov.Output) -> ov.Output:
    """The least and the most of everything: (1, 2)."""
    axes = np.array([0, 1, 2, 3])
    ends = [op.reduce_min(x, axes), op.reduce_max(x, axes)]
    return op.concat([op.reshape(end, [1, 1], False) for end in ends], 1)


def answers(weights: Weights, squares: Sequence[GrayImage]) -> NDArray[np.float32]:
    """Let the second network answer films, in 8 bits if it can: (N, 22)."""
    graph = efficientnet_graph.build(weights, SIZE).model()
    model = CompiledModel(lambda: graph, SIZE, "LATENCY", exact=True)
    found = [model.run(to_pictures([square]), (0,))[0] for square in squares]
    return softmax(np.concatenate(found))
