"""Which engine runs the trunk: OpenVINO on a processor, TensorFlow elsewhere."""

import importlib.util
import shutil
from typing import Literal

from ..errors import ModelError
from .densenet.architecture import EXPLAINED_LAYER
from .engine import Engine
from .openvino.engine import OpenVinoEngine
from .tensorflow_engine import TensorFlowEngine
from .weights import Weights

EngineName = Literal["auto", "openvino", "tensorflow"]


def choose_engine(name: EngineName = "auto") -> EngineName:
    """Choose the engine for this machine.

    Args:
        name: "auto" takes OpenVINO where it is installed and there is no GPU that
            TensorFlow can use, else TensorFlow.
    """
    if name != "auto":
        return name
    return "openvino" if has_openvino() and not _has_gpu() else "tensorflow"


def has_openvino() -> bool:
    """Say whether OpenVINO is installed."""
    return importlib.util.find_spec("openvino") is not None


def make_engine(
    name: EngineName, weights: Weights, layer: str = EXPLAINED_LAYER
) -> Engine:
    """Make an engine for a network's weights.

    Args:
        name: As for `choose_engine`.
        weights: Of the whole network.
        layer: Where the trunk ends.

    Raises:
        ModelError: No engine has that name.
    """
    name = choose_engine(name)
    if name == "openvino":
        return OpenVinoEngine(weights, layer)
    if name == "tensorflow":
        return TensorFlowEngine(weights, layer)
    raise ModelError(
        f"Expected engine auto, openvino or tensorflow. Received: {name!r}"
    )


def _has_gpu() -> bool:
    # Importing TensorFlow takes seconds: only where there is a driver at all.
    if shutil.which("nvidia-smi") is None:
        return False
    if importlib.util.find_spec("tensorflow") is None:
        return False
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))
