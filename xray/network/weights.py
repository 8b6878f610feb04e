"""Weights on disk: one .npz of half-precision arrays, checked against its card.

Arrays are keyed `layer/variable` with Keras' own names, so that any engine can
read them without Keras. Variances stay float32: half precision would round the
small ones to zero. Files that are to be small keep large kernels in 8 bits, with a
scale for each output channel beside them.
"""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..place import shipped

Weights = Mapping[str, NDArray[np.float32]]

MODELS = shipped("models")
DEFAULT_WEIGHTS = MODELS / "densenet201.npz"
_SCALE = ":scale"  # ends the name of what an 8-bit kernel is multiplied by
RANGE = ":range"  # ends the name of what enters a kernel's convolution: least, most
LEVELS = 110  # of 8 bits on either side of 0: packs smaller than all 127
_LARGE = 10_000  # numbers of a kernel that is worth 8 bits


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read every array of a weights file as float32.

    Raises:
        ModelError: The file is missing or isn't an .npz of numbers.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {
                name: _widened(arrays, name)
                for name in arrays.files
                if not name.endswith(_SCALE)
            }
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"Expected weights (.npz) at {path}, could not read them: {error}. "
            "Restore the file from the repository, or train with `xray train`."
        ) from error


def has_ranges(weights: Weights) -> bool:
    """Say whether a network can compute in 8 bits."""
    return any(name.endswith(RANGE) for name in weights)


def without_ranges(weights: Weights) -> Weights:
    """Leave out what lets a network compute in 8 bits."""
    return {name: array for name, array in weights.items() if not name.endswith(RANGE)}


def write_weights(path: Path, weights: Weights, small: bool = False) -> None:
    """Write arrays compressed, in half precision except for variances.

    Args:
        path: Of the file; its folder is made if it is missing.
        weights: What to write.
        small: Keep large kernels in 8 bits: half the size, nearly the same numbers.
    """
    stored: dict[str, NDArray[Any]] = {}
    for name, array in weights.items():
        if small and array.size >= _LARGE and name.endswith("kernel"):
            scale = np.abs(array).max(axis=_but_channels(array), keepdims=True) / LEVELS
            scale = np.maximum(scale, np.float32(1e-12)).astype(np.float32)
            stored[name] = np.rint(array / scale).astype(np.int8)
            stored[name + _SCALE] = scale
        else:
            stored[name] = _narrowed(name, array)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and renamed, so that a kill never leaves half a file.
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, allow_pickle=False, **stored)
    partial.replace(path)


def sha256(path: Path) -> str:
    """Hash a file's content, as the model card states it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _but_channels(kernel: NDArray[np.float32]) -> tuple[int, ...]:
    """Axes of a kernel beside its output channels; a depthwise one has them third."""
    channels = kernel.ndim - (2 if kernel.shape[-1] == 1 else 1)
    return tuple(axis for axis in range(kernel.ndim) if axis != channels)


def _widened(arrays: Any, name: str) -> NDArray[np.float32]:
    array = arrays[name]
    if array.dtype == np.int8:
        return np.asarray(array * arrays[name + _SCALE], np.float32)
    return np.asarray(array, np.float32)


def _narrowed(name: str, array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float32 if "variance" in name else np.float16)
