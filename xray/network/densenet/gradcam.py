"""Grad-CAM++ from activations and gradients, by equation 19 of its paper.

Chattopadhay et al., "Grad-CAM++: Generalized Gradient-based Visual Explanations
for Deep Convolutional Networks", WACV 2018, arXiv 1710.11063. The gradient is
that of the logit: the softmax saturates where the network is sure, and the
paper's factor exp(score) cancels in the map's normalization.
"""

import numpy as np
from numpy.typing import NDArray

EPSILON = 1e-6


def grad_cam_plus_plus(
    activations: NDArray[np.float32], gradients: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Compute one map an image.

    With A the activations and g the gradients, equation 19 reads
    alpha = g² / (2 g² + ΣA · g³); where g is not 0 that is 1 / (2 + ΣA · g),
    which neither under- nor overflows.

    Args:
        activations: (N, H, W, K), any sign.
        gradients: (N, H, W, K), of each image's chosen logit.

    Returns:
        (N, H, W) in [0, 1]; the largest value of a map is 1, or the map is all
        0 where nothing speaks for the class.
    """
    total = activations.sum(axis=(1, 2), keepdims=True)  # (N, 1, 1, K)
    denominator = 2 + total * gradients
    denominator[np.abs(denominator) <= EPSILON] = np.inf  # alpha is 0 there
    weights = (np.maximum(gradients, 0) / denominator).sum(axis=(1, 2))  # (N, K)
    return _normalized(np.einsum("nhwk,nk->nhw", activations, weights))


def layer_cam(
    activations: NDArray[np.float32], gradients: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Compute one map an image of a layer early in the network, as the other does.

    LayerCAM weighs each place of a channel by its own gradient: relu(Σ_k A_k ·
    relu(g_k)). Jiang et al., "LayerCAM: Exploring Hierarchical Class Activation
    Maps for Localization", IEEE TIP 30, 2021, equations 6 and 7.
    """
    positive = np.maximum(gradients, 0)
    return _normalized(np.einsum("nhwk,nhwk->nhw", activations, positive))


def _normalized(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    maps = np.maximum(sums, 0)
    peak = maps.max(axis=(1, 2), keepdims=True)
    return np.asarray(np.divide(maps, peak, out=np.zeros_like(maps), where=peak > 0))
