"""One network from several: the weighted mean of their weights.

Networks fine-tuned from the same start often meet in one valley, where their mean
does better than each (Wortsman et al. 2022, "Model soups", arXiv 2203.05482).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import ModelError
from ...network.weights import Weights, read_weights, without_ranges


def blend(parts: Sequence[tuple[float, Path]]) -> Weights:
    """Average the weights of several files.

    Args:
        parts: A share and a weights file each; shares are scaled to sum to 1.

    Raises:
        ModelError: The files are of different networks, or no share is positive.
    """
    total = sum(share for share, _ in parts)
    if total <= 0 or any(share < 0 for share, _ in parts):
        raise ModelError(
            "Expected shares above 0. "
            f"Received: {', '.join(f'{share:g}' for share, _ in parts)}"
        )
    mean: dict[str, np.ndarray] = {}
    for share, path in parts:
        # Ranges fit the very weights they were measured on.
        weights = without_ranges(read_weights(path))
        shapes = {name: array.shape for name, array in weights.items()}
        if mean and shapes != {name: array.shape for name, array in mean.items()}:
            raise ModelError(
                f"Expected weights of one network, {path.name} has other layers "
                f"than {parts[0][1].name}."
            )
        for name, array in weights.items():
            mean[name] = (
                mean.get(name, np.float32(0)) + np.float32(share / total) * array
            )
    return mean
