"""Grad-CAM++ against its equation, its closed form, and numbers done by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xray.network.densenet.gradcam import grad_cam_plus_plus, layer_cam

SHAPE = (2, 4, 4, 6)
VALUES = arrays(
    np.float32, SHAPE, elements=st.floats(-8, 8, width=32, allow_subnormal=False)
)


def equation_19(activations: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """One map an image, as the paper writes it, in float64 and in loops."""
    maps = []
    for a, g in zip(activations.astype(float), gradients.astype(float), strict=True):
        total = np.zeros(a.shape[:2])
        for k in range(a.shape[2]):
            channel, slope = a[..., k], g[..., k]
            below = 2 * slope**2 + channel.sum() * slope**3
            alpha = np.zeros_like(below)
            alpha[below != 0] = (slope**2)[below != 0] / below[below != 0]
            total += (alpha * np.maximum(slope, 0)).sum() * channel
        total = np.maximum(total, 0)
        maps.append(total / total.max() if total.max() > 0 else total)
    return np.array(maps)


def made_up(seed: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Activations of either sign, and gradients as small as a network's."""
    rng = np.random.default_rng(seed)
    activations = rng.normal(0.2, 1, (3, 8, 8, 40)).astype(np.float32)
    return activations, rng.normal(0, scale, (3, 8, 8, 40)).astype(np.float32)


def test_map_two_by_two_by_hand() -> None:
    # One channel helps by 1/2 everywhere: alpha = 1 / (2 + 8/2) = 1/6, its weight is
    # 4 · 1/6 · 1/2 = 1/3. The other only hurts, so its weight is 0.
    helps = [[1, 0], [2, 5]]
    hurts = [[9, 9], [9, 9]]
    activations = np.stack([helps, hurts], axis=-1)[None].astype(np.float32)
    gradients = np.empty_like(activations)
    gradients[..., 0], gradients[..., 1] = 0.5, -0.5
    expected = [[[0.2, 0], [0.4, 1]]]
    assert np.allclose(grad_cam_plus_plus(activations, gradients), expected)


def test_map_weighs_two_channels_by_hand() -> None:
    # Weights: 4 · 1/(2 + 4 · 1) · 1 = 2/3 and 4 · 1/(2 + 8 · 1/2) · 1/2 = 1/3, so
    # the map is 2/3 · [4 0; 0 0] + 1/3 · [0 0; 0 8] = [8/3 0; 0 8/3].
    activations = np.zeros((1, 2, 2, 2), np.float32)
    activations[0, 0, 0, 0], activations[0, 1, 1, 1] = 4, 8
    gradients = np.broadcast_to(np.array([1, 0.5], np.float32), (1, 2, 2, 2))
    found = grad_cam_plus_plus(activations, gradients)
    assert np.allclose(found, [[[1, 0], [0, 1]]])


@pytest.mark.parametrize("scale", [1e-4, 1e-2])
@pytest.mark.parametrize("seed", range(5))
def test_map_agrees_with_the_equation_in_float64(seed: int, scale: float) -> None:
    activations, gradients = made_up(seed, scale)
    found = grad_cam_plus_plus(activations, gradients)
    assert np.abs(found - equation_19(activations, gradients)).max() < 1e-5


def test_map_of_pooling_and_one_dense_layer_is_the_closed_form() -> None:
    # There g = W_kc / (H·W) at every place, so that with S = H·W places equation 19
    # becomes w_k = S · 1/(2 + ΣA·W/S) · relu(W)/S = relu(W) / (2 + W · mean A).
    rng = np.random.default_rng(0)
    activations = np.abs(rng.normal(size=(4, 8, 8, 30))).astype(np.float32)
    dense = rng.normal(size=30).astype(np.float32)
    gradients = np.broadcast_to((dense / 64).astype(np.float32), activations.shape)
    weights = np.maximum(dense, 0) / (2 + dense * activations.mean(axis=(1, 2)))
    expected = np.einsum("nhwk,nk->nhw", activations, weights)
    expected /= expected.max(axis=(1, 2), keepdims=True)
    found = grad_cam_plus_plus(activations, gradients)
    assert np.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("method", [grad_cam_plus_plus, layer_cam])
@given(activations=VALUES, gradients=VALUES)
def test_map_is_finite_within_its_range_and_peaks_at_one(
    method, activations, gradients
) -> None:
    found = method(activations, gradients)
    assert found.shape == SHAPE[:3]
    assert np.isfinite(found).all()
    assert found.min() >= 0
    for each in found:
        assert each.max() == pytest.approx(1) or not each.any()


@pytest.mark.parametrize("method", [grad_cam_plus_plus, layer_cam])
def test_map_of_a_batch_equals_the_maps_one_by_one(method) -> None:
    activations, gradients = made_up(0, 1e-2)
    alone = [
        method(activations[i : i + 1], gradients[i : i + 1])[0]
        for i in range(len(activations))
    ]
    assert np.allclose(method(activations, gradients), alone, atol=1e-6)


@pytest.mark.parametrize("method", [grad_cam_plus_plus, layer_cam])
def test_map_does_not_change_with_the_size_of_activations_alone(method) -> None:
    # Equation 19 depends on A · g only: twice the one, half the other is the same.
    activations, gradients = made_up(1, 1e-2)
    found = method(activations * 2, gradients / 2)
    assert np.allclose(found, method(activations, gradients), atol=1e-5)


@pytest.mark.parametrize("method", [grad_cam_plus_plus, layer_cam])
def test_map_without_gradient_is_empty(method) -> None:
    activations, gradients = made_up(0, 1e-2)
    assert not method(activations, np.zeros_like(gradients)).any()


@pytest.mark.parametrize("method", [grad_cam_plus_plus, layer_cam])
def test_map_of_negative_activations_is_empty(method) -> None:
    gradients = np.full((1, 3, 3, 2), 1e-3, np.float32)
    assert not method(np.full((1, 3, 3, 2), -1, np.float32), gradients).any()


def test_map_flat_activations_is_flat() -> None:
    ones = np.ones((1, 3, 3, 2), np.float32)
    assert np.array_equal(grad_cam_plus_plus(ones, ones), np.ones((1, 3, 3)))


def test_map_where_the_denominator_vanishes_leaves_the_place_out() -> None:
    # ΣA · g = -2 in the first channel: equation 19 divides by zero there.
    activations = np.zeros((1, 2, 2, 2), np.float32)
    activations[0, 0, 0] = [-4, 3]
    gradients = np.full((1, 2, 2, 2), 0.5, np.float32)
    found = grad_cam_plus_plus(activations, gradients)
    assert np.array_equal(found[0], [[1, 0], [0, 0]])


def test_map_of_gradients_that_underflow_when_cubed_is_still_right() -> None:
    activations, gradients = made_up(2, 1e-2)
    tiny = gradients * np.float32(1e-20)  # g³ would be 0 in float32
    slope = np.maximum(tiny.astype(float), 0).sum(axis=(1, 2))
    expected = np.maximum(np.einsum("nhwk,nk->nhw", activations, slope), 0)
    expected /= expected.max(axis=(1, 2), keepdims=True)
    assert np.allclose(grad_cam_plus_plus(activations, tiny), expected, atol=1e-5)


def test_layer_cam_two_by_two_by_hand() -> None:
    activations = np.array([[[[1], [2]], [[3], [4]]]], np.float32)
    gradients = np.array([[[[1], [-9]], [[2], [0.5]]]], np.float32)
    expected = np.array([[1, 0], [6, 2]]) / 6
    assert np.allclose(layer_cam(activations, gradients)[0], expected)
