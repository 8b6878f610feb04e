"""Weights for networks that were never trained, in which a mistake would show."""

import keras
import numpy as np

from xray.lab.training.densenet import get_weights


def lively_weights(network: keras.Model) -> dict[str, np.ndarray]:
    """Make weights whose answers differ, with statistics that are not 0 and 1."""
    random = np.random.default_rng(0)
    weights = {}
    for name, array in get_weights(network).items():
        if name.endswith(("gamma", "beta", "moving_mean", "moving_variance")):
            weights[name] = array + random.uniform(0, 0.2, array.shape).astype("f")
        else:
            weights[name] = array * (20 if name == "logits/kernel" else 1)
    return weights
