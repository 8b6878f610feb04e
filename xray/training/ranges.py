"""What enters the second reader's convolutions: how it learns to compute in 8 bits.

Jacob et al. 2018, arXiv 1712.05877, section 3: kernels are rounded symmetrically,
activations between what they reach on average over calibration films.
"""

from collections.abc import Sequence

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from ..image import XCEPTION_SIZE, GrayImage
from ..network.compiled import CompiledModel
from ..network.second_reader import to_second
from ..network.weights import RANGE, Weights
from ..network.xception_graph import build_graph, build_probe


def measure_ranges(weights: Weights, squares: Sequence[GrayImage]) -> Weights:
    """Measure the least and the most that enters each convolution.

    Args:
        weights: Of a second reader, without ranges.
        squares: Calibration films, (256, 256) in [0, 1], letterboxed and stretched.

    Returns:
        For each kernel, named with `RANGE` behind, (2,): means over the films.
    """
    names, probe = build_probe(weights, XCEPTION_SIZE)
    means = np.stack(_run(probe, squares)).mean(axis=0)  # (K, 2)
    return {name + RANGE: means[number] for number, name in enumerate(names)}


def answers(weights: Weights, squares: Sequence[GrayImage]) -> NDArray[np.float32]:
    """Answer calibration films in full, or in 8 bits if there are ranges: (N, 22)."""
    return np.concatenate(_run(build_graph(weights, XCEPTION_SIZE), squares))


def _run(graph: ov.Model, squares: Sequence[GrayImage]) -> list[NDArray[np.float32]]:
    """Run a graph in float32 on each film alone: its only output for each."""
    model = CompiledModel(graph, XCEPTION_SIZE, "LATENCY", exact=True)
    return [model.run(to_second([square]), (0,))[0] for square in squares]
