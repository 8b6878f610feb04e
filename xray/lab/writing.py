"""Writing what serving only reads: weights, their cards, local cards."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..network.local_card import LocalCard
from ..network.weights import LEVELS, SCALE, Weights

_LARGE = 10_000  # numbers of a kernel that is worth 8 bits


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
            stored[name + SCALE] = scale
        else:
            stored[name] = _narrowed(name, array)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and renamed, so that a kill never leaves half a file.
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, allow_pickle=False, **stored)
    partial.replace(path)


class Filed(Protocol):
    """A card that knows its JSON file."""

    @property
    def path(self) -> Path:
        """Of the JSON file."""


def write_card(card: Filed) -> None:
    """Write a card of any network to its JSON file, whole or not at all."""
    _write_json(_section(card), card.path)


def write_local_card(card: LocalCard, path: Path) -> None:
    """Write a local card to its JSON file, whose folder is made, or leave the old."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_json(asdict(card), path)
    except OSError as error:
        raise ModelError(
            f"Expected to write the local card {path}, received: {error.strerror}. "
            "Name another place with --save-card."
        ) from error


def _write_json(value: object, path: Path) -> None:
    """Write a file whole or not at all."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    partial = path.with_suffix(".partial")
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(path)


def _section(value: object) -> object:
    """Write a section as JSON's own types; what is empty or not in the file is not."""
    if is_dataclass(value):
        found = {each.name: getattr(value, each.name) for each in fields(value)}
        return {
            key: _section(each)
            for key, each in found.items()
            if key != "path" and each not in (None, "", {})
        }
    if isinstance(value, tuple):
        return [_section(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _section(each) for key, each in value.items()}
    return value


def _but_channels(kernel: NDArray[np.float32]) -> tuple[int, ...]:
    """Axes of a kernel beside its output channels; a depthwise one has them third."""
    channels = kernel.ndim - (2 if kernel.shape[-1] == 1 else 1)
    return tuple(axis for axis in range(kernel.ndim) if axis != channels)


def _narrowed(name: str, array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float32 if "variance" in name else np.float16)
