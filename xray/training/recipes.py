"""Training recipes: everything that decides how a network is trained, but the films.

Plain data, so that the command line can list them without loading a framework.
"""

import math
from dataclasses import dataclass, replace

TEACHER_SIZE = 192  # pixels of Xception's input


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a film may be changed; 0 or 1.0 leaves that property alone."""

    rotation: float = 20.0  # degrees, either way
    right_angles: float = 0.25  # share of films also turned by 90, 180 or 270 degrees
    shift: float = 0.1  # of the side, either way
    shear: float = 0.1
    zoom: tuple[float, float] = (0.85, 1.2)
    aspect: float = 1.0  # up to this stretch of one axis
    mirror: float = 0.0  # share
    gamma: float = 1.0  # exponent between 1/gamma and gamma
    contrast: float = 0.0  # share of films that lose up to 70 % of their range
    tone: float = 0.0  # share of films with another monotone curve from gray to gray
    equalize: float = 0.0  # share of films with local contrast equalized
    sharpen: float = 0.0  # share of films with edges enhanced
    noise: float = 0.0  # largest standard deviation
    blur: float = 0.0  # share
    invert: float = 0.0  # share
    collimate: float = 0.0  # share of films with an imitated collimation border
    erase: float = 0.0  # share of films with one square wiped out


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of training at one picture size."""

    epochs: int
    size: int = 256  # pixels
    batch: int = 32


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained."""

    phases: tuple[Phase, ...]
    optimizer: str  # "adam" or "adamw"
    learning_rate: float
    augmentation: Augmentation
    films_per_epoch: int | None = None  # None: every training film once
    frozen_layers: int = 0  # counted from the input
    taught: float = 0.0  # share of the teacher's answer in the target, beside the label
    network: str = "densenet201"  # or "xception", which teaches it
    cosine: bool = False  # learning rate falls to 0 along half a cosine
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    class_power: float = 0.0  # a film is drawn with (films of its class) ** -power
    home_share: float | None = None  # share of draws from the home source
    average: float = 0.0  # decay a batch of the weights' moving average; 0: none
    patience: int = 5  # epochs without improvement before an early stop
    dropout: float = 0.0

    @property
    def epochs(self) -> int:
        """Number of epochs over all phases."""
        return sum(phase.epochs for phase in self.phases)

    def phase(self, epoch: int) -> Phase:
        """Find the phase an epoch, counted from 0, belongs to."""
        for phase in self.phases:
            if epoch < phase.epochs:
                return phase
            epoch -= phase.epochs
        raise IndexError(epoch)

    def rate(self, epoch: int) -> float:
        """Learning rate of an epoch, counted from 0."""
        if not self.cosine:
            return self.learning_rate
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * epoch / self.epochs))


ORIGINAL = Augmentation()
STURDY = Augmentation(
    rotation=25,
    right_angles=0.45,
    shift=0.1,
    shear=0.12,
    zoom=(0.65, 1.4),
    aspect=1.2,
    mirror=0.5,
    gamma=1.6,
    contrast=0.25,
    tone=0.3,
    equalize=0.15,
    sharpen=0.15,
    noise=0.03,
    blur=0.15,
    invert=0.15,
    collimate=0.25,
    erase=0.15,
)
TEACHER = replace(STURDY, right_angles=0.3, invert=0.1)

RECIPES: dict[str, Recipe] = {
    # The student's project this tool grew from.
    "original": Recipe(
        phases=(Phase(epochs=15, size=256, batch=32),),
        optimizer="adam",
        learning_rate=7e-4,
        augmentation=ORIGINAL,
        frozen_layers=600,
    ),
    # ImageNet's Xception from its middle on, on smaller pictures: the teacher.
    "teacher": Recipe(
        phases=(Phase(epochs=10, size=TEACHER_SIZE, batch=32),),
        optimizer="adamw",
        learning_rate=4e-4,
        augmentation=TEACHER,
        films_per_epoch=2400,
        network="xception",
        frozen_layers=36,  # all before block 5
        cosine=True,
        weight_decay=0.03,
        label_smoothing=0.05,
        class_power=0.45,
        home_share=0.5,
        average=0.99,
        patience=10,
        dropout=0.3,
    ),
    # All layers learn what the teacher says of each changed film, beside its label:
    # the shipped weights.
    "taught": Recipe(
        phases=(Phase(5, 128, 48), Phase(12, 192, 32), Phase(5, 256, 24)),
        optimizer="adamw",
        learning_rate=4e-4,
        augmentation=STURDY,
        films_per_epoch=2048,
        taught=0.7,
        cosine=True,
        weight_decay=0.03,
        label_smoothing=0.02,
        class_power=0.45,
        home_share=0.5,
        average=0.995,
        patience=22,
        dropout=0.1,
    ),
}
