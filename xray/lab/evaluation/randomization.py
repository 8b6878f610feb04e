"""Does the map depend on what the network learned? Random weights have to change it.

Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018, section 3.1: a map
that stays the same when the network forgets is an edge detector, no explanation.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...network.densenet.gradcam import grad_cam_plus_plus
from ...network.densenet.tail import Tail
from ...network.engine import Engine
from ...network.openvino.engine import OpenVinoEngine
from ...network.weights import Weights, without_ranges

_HEAD = ("dense_1024/", "logits/")
PARTS: dict[str, tuple[str, ...]] = {  # by the start of their layers' names
    "head": _HEAD,
    "tail": ("conv5_block31_", "conv5_block32_", "bn/", *_HEAD),
    "all": ("",),
}
_BATCH = 16


def check_randomization(
    engine: Engine,
    weights: Weights,
    squares: Sequence[NDArray[np.float32]],
    maps: Sequence[NDArray[np.float32]],
    labels: Sequence[int],
    *,
    rng: np.random.Generator,
) -> dict[str, dict[str, float]]:
    """Compare maps with those of a network that is partly or wholly untrained.

    Args:
        engine: The trained trunk.
        weights: Of the whole network.
        squares: N letterboxed pictures (256, 256), [0, 1].
        maps: Their maps (8, 8) by the trained network.
        labels: N class numbers that the maps explain.
        rng: Where the random weights come from.

    Returns:
        For "head" (the two dense layers), "tail" (everything behind the explained
        layer) and "all": `rank_correlation`, the mean of its absolute value over
        films with both maps, and `empty`, the share of films whose map went.
    """
    found: dict[str, dict[str, float]] = {}
    for part in PARTS:
        forgetful = untrained(weights, part, rng)
        trunk = OpenVinoEngine(forgetful) if part == "all" else engine
        others = _maps(trunk, Tail(forgetful), squares, labels)
        pairs = [
            (first, second)
            for first, second in zip(maps, others, strict=True)
            if first.any() and second.any()
        ]
        empty = sum(not each.any() for each in others)
        close = [abs(rank_correlation(*pair)) for pair in pairs]
        found[part] = {
            "rank_correlation": round(float(np.mean(close)) if close else 0.0, 4),
            "empty": round(empty / len(others), 4),
        }
    return found


def untrained(weights: Weights, part: str, rng: np.random.Generator) -> Weights:
    """Put a part of the network back to how it was before any training.

    Args:
        weights: Of the whole network.
        part: A key of `PARTS`.
        rng: Where the random kernels come from.

    Returns:
        The weights without ranges, which fit trained kernels only.
    """
    return {
        name: _untrained(name, array, rng) if name.startswith(PARTS[part]) else array
        for name, array in without_ranges(weights).items()
    }


def _untrained(
    name: str, array: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    variable = name.rpartition("/")[2]
    if variable in {"gamma", "moving_variance"}:
        return np.ones_like(array)
    if variable != "kernel":
        return np.zeros_like(array)
    # He et al. 2015: keeps the variance of what flows through ReLUs.
    spread = np.sqrt(2 / np.prod(array.shape[:-1]))
    return rng.normal(0, spread, array.shape).astype(np.float32)


def _maps(
    engine: Engine,
    tail: Tail,
    squares: Sequence[NDArray[np.float32]],
    labels: Sequence[int],
) -> list[NDArray[np.float32]]:
    found: list[NDArray[np.float32]] = []
    for first in range(0, len(squares), _BATCH):
        batch = np.stack(squares[first : first + _BATCH])
        activations = engine.activations(batch * 2 - 1)
        _, gradients = tail.gradients(activations, labels[first : first + _BATCH])
        found += list(grad_cam_plus_plus(activations, gradients))
    return found


def rank_correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Compute Spearman's rank correlation of two arrays of one shape.

    Equal values share the mean of their ranks. Where one array is flat there are no
    ranks to compare: 0.
    """
    ranks = [_ranks(each.ravel()) for each in (first, second)]
    one, other = (each - each.mean() for each in ranks)
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 0.0


def _ranks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rank from 0; equal values share the mean of their ranks."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    return np.asarray(middle[group], np.float64)
