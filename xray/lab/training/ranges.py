"""What enters a network's convolutions: how it learns to compute in 8 bits.

Jacob et al. 2018, arXiv 1712.05877, section 3: kernels are rounded symmetrically,
activations between what they reach on average over calibration films.
"""

from collections.abc import Sequence

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from ...classify.trust.confidence import softmax
from ...image import INPUT_SIZE, GrayImage
from ...network.backbones import EFFICIENTNET_LITE2, find_backbone
from ...network.densenet import trunk
from ...network.efficientnet import graph as efficientnet_graph
from ...network.ensemble import SIZE, to_pictures
from ...network.openvino.compiled import CompiledModel
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
        names, probe = efficientnet_graph.build_probe(weights, SIZE)
        found = _run_second(probe, squares)
    else:
        names, probe = trunk.build_probe(weights)
        model = CompiledModel(lambda: probe, INPUT_SIZE, "LATENCY", exact=True)
        found = [model.run(each[None, None] * 2 - 1, (0,))[0] for each in squares]
    means = np.stack(found).mean(axis=0)  # (K, 2)
    return {name + RANGE: means[number] for number, name in enumerate(names)}


def answers(weights: Weights, squares: Sequence[GrayImage]) -> NDArray[np.float32]:
    """Let the second network answer films, in 8 bits if it can: (N, 22)."""
    graph = efficientnet_graph.build_network(weights, SIZE)
    return softmax(np.concatenate(_run_second(graph, squares)))


def _run_second(
    graph: ov.Model, squares: Sequence[GrayImage]
) -> list[NDArray[np.float32]]:
    """Run a graph in float32 on each film alone: its only output for each."""
    model = CompiledModel(lambda: graph, SIZE, "LATENCY", exact=True)
    return [model.run(to_pictures([square]), (0,))[0] for square in squares]
