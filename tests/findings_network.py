"""Weights and card of a network of findings that has learned nothing."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xray.lab.writing import write_card, write_weights
from xray.network.card import card_path
from xray.network.findings.answer import PROJECTIONS
from xray.network.findings.card import (
    FindingsCard,
    OperatingPoint,
)
from xray.network.weights import MODELS, read_weights, sha256, without_ranges

COVERED = ("Ankle", "Feet", "Hand", "Knee", "Lower leg", "Shoulder")
_MERGED = 96


def make_findings_network(
    folder: Path,
    parts: Sequence[str] = COVERED,
    thresholds: Sequence[float] = (0.2, 0.5, 0.8),
) -> Path:
    """Write the shipped small network's trunk with heads of random numbers.

    Args:
        folder: Where to; weights and card.
        parts: English names of the parts that the card covers.
        thresholds: Of the operating points.
    """
    path = folder / "findings.npz"
    write_weights(path, _weights())
    points = {
        name: OperatingPoint(threshold, 1 - threshold, threshold)
        for name, threshold in zip(
            ("sensitive", "balanced", "specific"), thresholds, strict=True
        )
    }
    write_card(FindingsCard(card_path(path), sha256(path), tuple(parts), points))
    return path


def _weights() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        share = np.sqrt(2 / np.prod(shape[:-1]))
        return (random.standard_normal(shape) * share).astype(np.float32)

    trunk = without_ranges(read_weights(MODELS / "efficientnet_lite2.npz"))
    weights = {key: each for key, each in trunk.items() if "logits" not in key}
    weights |= {
        "fine_conv/kernel": normal(1, 1, 120, _MERGED),
        "coarse_conv/kernel": normal(1, 1, 1280, _MERGED),
        "near_depthwise_conv/kernel": normal(3, 3, _MERGED, 1),
        "where/kernel": normal(1, 1, _MERGED, 1),
        "where/bias": np.zeros(1, np.float32),
        "film/kernel": normal(1281, 2 + len(PROJECTIONS)),
        "film/bias": np.zeros(2 + len(PROJECTIONS), np.float32),
    }
    for layer in ("merged_bn", "near_bn"):
        ones, zeros = np.ones(_MERGED, np.float32), np.zeros(_MERGED, np.float32)
        weights[f"{layer}/gamma"] = weights[f"{layer}/moving_variance"] = ones
        weights[f"{layer}/beta"] = weights[f"{layer}/moving_mean"] = zeros
    return weights
