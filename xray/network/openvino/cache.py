"""What OpenVINO made of a network, kept on disk for the next start.

Compiling takes seconds, opening what came of it half a second. It is kept in the
user's cache folder under a name that changes with the weights, with the code that
builds the network, with OpenVINO and with the processor. All of it may be deleted.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..weights import Weights

if TYPE_CHECKING:
    import openvino as ov

_KEPT = 4  # networks, some 20 MB each
_SUFFIX = ".ov"
_DIGEST = 32  # bytes of sha256, before the network itself
_log = logging.getLogger(__name__)


def digest(*networks: Weights) -> str:
    """Name weights by their content."""
    found = hashlib.sha256()
    for weights in networks:
        for name in sorted(weights):
            array = np.ascontiguousarray(weights[name])
            found.update(f"{name} {array.shape} {array.dtype}\n".encode())
            found.update(array.data)
    return found.hexdigest()


def compile_once(
    core: "ov.Core",
    build: Callable[[], "ov.Model"],
    options: Mapping[str, str],
    weights: str,
) -> "ov.CompiledModel":
    """Compile a network, or open what an earlier start kept of it.

    The options are those to compile it with, the weights are told by their `digest`.
    """
    path = _folder() / f"{_name(core, options, weights)}{_SUFFIX}"
    if (kept := _read(path)) is not None:
        try:
            return core.import_model(kept, "CPU", options)
        except RuntimeError:
            _log.info("What was kept of the network can't be opened; it is made anew")
    compiled = core.compile_model(build(), "CPU", options)
    try:
        _write(path, compiled.export_model().getvalue())
    except (OSError, RuntimeError):
        _log.info("The compiled network can't be kept; the next start takes longer")
    return compiled


def _folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("xray", appauthor=False)


def _name(core: "ov.Core", options: Mapping[str, str], weights: str) -> str:
    import openvino

    # One file serves one picture at once and many.
    lasting = {key: each for key, each in options.items() if key != "PERFORMANCE_HINT"}
    parts = (
        weights,
        code_digest(),
        openvino.get_version(),
        core.get_property("CPU", "FULL_DEVICE_NAME"),
        sorted(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")),
        sorted(lasting.items()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Name the code that builds networks by its content."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


def _read(path: Path) -> bytes | None:
    """Read what was kept; None if there is nothing, or it is damaged."""
    try:
        data = path.read_bytes()
        os.utime(path)  # used: not the next to go
    except OSError:
        return None
    kept = data[_DIGEST:]
    return kept if hashlib.sha256(kept).digest() == data[:_DIGEST] else None


def _write(path: Path, data: bytes) -> None:
    """Keep a network, whole or not at all, and let go of those long unused."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # With the suffix: what a killed process leaves goes with those long unused.
    with tempfile.NamedTemporaryFile(
        dir=path.parent, suffix=_SUFFIX, delete=False
    ) as file:
        try:
            file.write(hashlib.sha256(data).digest() + data)
        except OSError:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(path)
    kept = sorted(
        path.parent.glob(f"*{_SUFFIX}"), key=lambda each: each.stat().st_mtime
    )
    for old in kept[:-_KEPT]:
        old.unlink(missing_ok=True)
