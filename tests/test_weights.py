"""Weights on disk: what survives the file, what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xray.errors import ModelError
from xray.lab.writing import write_weights
from xray.network.weights import read_weights, sha256


def test_weights_survive_the_file_in_half_precision(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    weights: dict[str, Any] = {
        "conv/kernel": rng.normal(size=(3, 3, 4, 5)).astype(np.float32),
        "bn/moving_variance": np.array([1e-9, 1.0, 3e5], np.float32),
        "packed": np.arange(7, dtype=np.uint8),
    }
    path = tmp_path / "folder" / "w.npz"
    write_weights(path, weights)
    found = read_weights(path)
    assert list(found) == list(weights)
    assert found["conv/kernel"].dtype == np.float32
    assert np.allclose(found["conv/kernel"], weights["conv/kernel"], rtol=1e-3)
    assert np.array_equal(found["bn/moving_variance"], weights["bn/moving_variance"])
    assert np.array_equal(found["packed"], weights["packed"])
    assert [each.name for each in path.parent.iterdir()] == ["w.npz"]


@pytest.mark.parametrize("data", [b"", b"no weights", b"PK\x03\x04cut"])
def test_read_weights_damaged_file_says_what_to_do(tmp_path: Path, data) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(data)
    with pytest.raises(ModelError, match="Restore the file"):
        read_weights(path)


def test_read_weights_with_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, evil=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ModelError, match="Restore the file"):
        read_weights(path)


def test_read_weights_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.npz"):
        read_weights(tmp_path / "none.npz")


def test_sha256_is_that_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert sha256(path).startswith("ba7816bf8f01cfea414140de5dae2223")


@pytest.mark.parametrize("shape", [(3, 3, 64, 32), (5, 5, 800, 1), (400, 50)])
def test_small_files_keep_large_kernels_nearly(tmp_path, shape) -> None:
    random = np.random.default_rng(0)
    kernel = random.normal(size=shape).astype(np.float32)
    channels = shape[2] if shape[-1] == 1 else shape[-1]
    spread = np.linspace(0.01, 3, channels, dtype=np.float32)
    kernel *= spread[:, None] if shape[-1] == 1 else spread
    other = {"bn/moving_variance": np.full(3, 1e-7, np.float32)}
    path, half = tmp_path / "small.npz", tmp_path / "half.npz"
    write_weights(path, {"conv/kernel": kernel, **other}, small=True)
    write_weights(half, {"conv/kernel": kernel, **other})
    found = read_weights(path)
    assert set(found) == {"conv/kernel", "bn/moving_variance"}
    np.testing.assert_array_equal(found["bn/moving_variance"], np.float32(1e-7))
    error = np.abs(found["conv/kernel"] - kernel)
    top = np.abs(kernel).max(axis=tuple(range(kernel.ndim - 1)), keepdims=True)
    if shape[-1] == 1:
        top = np.abs(kernel).max(axis=(0, 1, 3), keepdims=True)
    assert np.all(error <= top / 200)  # half a level, of 110
    assert path.stat().st_size < 0.6 * half.stat().st_size


def test_small_file_without_its_scale_is_a_model_error(tmp_path) -> None:
    path = tmp_path / "torn.npz"
    kernel: dict[str, Any] = {"conv/kernel": np.ones((9, 9), np.int8)}
    np.savez(path, **kernel)
    with pytest.raises(ModelError, match="could not read"):
        read_weights(path)
