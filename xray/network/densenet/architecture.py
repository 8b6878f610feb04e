"""DenseNet201 as a list of steps, for the engines that run it without Keras.

Names are Keras' own, so that one weights file serves every engine. A dense step
adds 32 channels to what came before (BN, ReLU, 1x1 convolution to 128, BN, ReLU,
3x3 convolution, concatenation); a transition halves channels and sides.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ..weights import Weights

BATCH_NORM_EPSILON = 1.001e-5
STAGES: dict[int, int] = {2: 6, 3: 12, 4: 48, 5: 32}  # dense steps a stage

EXPLAINED_LAYER = "conv5_block30_concat"  # (8, 8, 1856) at 256 pixels
STEM_LAYER = "pool1"  # (64, 64, 64) at 256 pixels


@dataclass(frozen=True, slots=True)
class Step:
    """One dense step or transition after the stem."""

    kind: Literal["dense", "transition"]
    prefix: str  # of its layers' names

    @property
    def output(self) -> str:
        """Name of the layer that the step ends with."""
        return (
            f"{self.prefix}_concat" if self.kind == "dense" else f"{self.prefix}_pool"
        )


def _steps() -> tuple[Step, ...]:
    steps: list[Step] = []
    for stage, blocks in STAGES.items():
        steps += [Step("dense", f"conv{stage}_block{n + 1}") for n in range(blocks)]
        if stage != max(STAGES):
            steps.append(Step("transition", f"pool{stage}"))
    return tuple(steps)


STEPS = _steps()


def cut(layer: str) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Split the steps behind a layer: those up to it, and those after it.

    Raises:
        ModelError: No step ends with that layer.
    """
    outputs = [STEM_LAYER, *(step.output for step in STEPS)]
    if layer not in outputs:
        raise ModelError(f"Expected the output layer of a step. Received: {layer!r}")
    position = outputs.index(layer)
    return STEPS[:position], STEPS[position:]


def scale_and_shift(
    weights: Weights, layer: str, epsilon: float = BATCH_NORM_EPSILON
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Reduce a batch normalization to `x * scale + shift`, each (C,)."""
    variance = weights[f"{layer}/moving_variance"]
    scale = weights[f"{layer}/gamma"] / np.sqrt(variance + epsilon)
    shift = weights[f"{layer}/beta"] - weights[f"{layer}/moving_mean"] * scale
    return scale.astype(np.float32), shift.astype(np.float32)
