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
SCALE = ":scale"  # ends the name of what an 8-bit kernel is multiplied by
RANGE = ":range"  # ends the name of what enters a kernel's convolution: least, most
LEVELS = 110  # of 8 bits on either side of 0: packs smaller than all 127


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
                if not name.endswith(SCALE)
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


def sha256(path: Path) -> str:
    """Hash a file's content, as the model card states it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _widened(arrays: Any, name: str) -> NDArray[np.float32]:
    array = arrays[name]
    if array.dtype == np.int8:
        return np.asarray(array * arrays[name + SCALE], np.float32)
    return np.asarray(array, np.float32)
