"""Weights on disk: one .npz of half-precision arrays, checked against its card.

Arrays are keyed `layer/variable` with Keras' own names, so that any engine can
read them without Keras. Variances stay float32: half precision would round the
small ones to zero.
"""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

Weights = Mapping[str, NDArray[np.float32]]

MODELS = Path(__file__).resolve().parents[2] / "models"
DEFAULT_WEIGHTS = MODELS / "densenet201.npz"
SECOND_READER = "xception.npz"  # beside the weights it reads with
LIGHT_WEIGHTS = MODELS / "densenet201-int8.npz"  # made of the default ones


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read every array of a weights file as float32, and bytes as they are.

    Raises:
        ModelError: The file is missing or isn't an .npz of numbers.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: _widened(arrays[name]) for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"Expected weights (.npz) at {path}, could not read them: {error}. "
            "Restore the file from the repository, or train with `xray train`."
        ) from error


def full_weights(path: Path) -> Path:
    """Name the weights with the whole network that a file was made of.

    The light variant keeps its trunk compiled: it can be neither cut nor changed.
    """
    return DEFAULT_WEIGHTS if path == LIGHT_WEIGHTS else path


def write_weights(path: Path, weights: Weights) -> None:
    """Write arrays compressed, in half precision except for variances and bytes."""
    stored = {name: _narrowed(name, array) for name, array in weights.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and renamed, so that a kill never leaves half a file.
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, allow_pickle=False, **stored)
    partial.replace(path)


def sha256(path: Path) -> str:
    """Hash a file's content, as the model card states it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _widened(array: NDArray[Any]) -> NDArray[np.float32]:
    if array.dtype == np.uint8:
        return array  # a packed trunk: no numbers to widen
    return array.astype(np.float32)


def _narrowed(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == np.uint8:
        return array
    return array.astype(np.float32 if "variance" in name else np.float16)
