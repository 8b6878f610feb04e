"""Weights on disk: what survives the file, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from xray.errors import ModelError
from xray.network.weights import read_weights, sha256, write_weights


def test_weights_survive_the_file_in_half_precision(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    weights = {
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
