"""Training recipes: everything that decides how a network is trained, but the films.

Plain data, so that the command line can list them without loading a framework.
"""

import math
from dataclasses import dataclass, replace


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
    metal: float = 0.0  # share of films with metal drawn over them


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
    frozen_until: str = ""  # a layer: the trunk up to it is run once for each copy
    copies: int = 1  # different changes of a film, where the trunk is frozen so
    mix_style: float = 0.0  # share of frozen activations given another film's style
    network: str = "densenet201"  # key of `network.backbones.BACKBONES`
    cosine: bool = False  # learning rate falls to 0 along half a cosine
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    class_power: float = 0.0  # a film is drawn with (films of its class) ** -power
    home_share: float | None = None  # share of draws from the home source
    source_power: float = 1.0  # of a class, a source draws (its films) ** power
    taught: float = 0.0  # share of a home film's target that teachers say
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
STRONG = Augmentation(
    rotation=25,
    right_angles=0.2,
    shift=0.12,
    shear=0.15,
    zoom=(0.7, 1.5),
    aspect=1.25,
    mirror=0.5,
    gamma=1.8,
    contrast=0.3,
    noise=0.04,
    blur=0.2,
    invert=0.06,
    collimate=0.3,
    erase=0.2,
)
MILD = Augmentation(
    rotation=12,
    right_angles=0.1,
    shift=0.06,
    shear=0.06,
    zoom=(0.85, 1.25),
    aspect=1.1,
    mirror=0.5,
    gamma=1.4,
    contrast=0.15,
    noise=0.02,
    blur=0.1,
    collimate=0.15,
    erase=0.1,
)
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
TRAVELS = replace(
    STURDY,
    right_angles=0.25,
    zoom=(0.65, 1.6),
    aspect=1.5,  # some archives stretch films to squares
    tone=0.35,
    blur=0.25,
    invert=0.1,
    metal=0.22,
)

RECIPES: dict[str, Recipe] = {
    # The student's project this tool grew from.
    "original": Recipe(
        phases=(Phase(epochs=15, size=256, batch=32),),
        optimizer="adam",
        learning_rate=7e-4,
        augmentation=ORIGINAL,
        frozen_layers=600,
    ),
    # All layers, far-reaching changes, growing pictures: steadier when a film is
    # turned or inverted, no better on untouched ones.
    "strong": Recipe(
        phases=(Phase(5, 192, 24), Phase(4, 256, 20)),
        optimizer="adamw",
        learning_rate=3e-4,
        augmentation=STRONG,
        films_per_epoch=1920,
        cosine=True,
        weight_decay=0.02,
        label_smoothing=0.05,
        class_power=0.5,
        home_share=0.55,
        average=0.995,
        patience=9,
        dropout=0.2,
    ),
    # The last dense block and the head behind a frozen trunk, mild changes. Blended
    # with "strong" it is what "sturdy" started from for the shipped weights.
    "shipped": Recipe(
        phases=(Phase(epochs=10, size=256, batch=64),),
        optimizer="adamw",
        learning_rate=3e-4,
        augmentation=MILD,
        films_per_epoch=2048,
        frozen_until="pool4_pool",
        copies=3,
        cosine=True,
        weight_decay=0.05,
        label_smoothing=0.05,
        class_power=0.4,
        home_share=0.65,
        average=0.98,
        patience=10,
        dropout=0.3,
    ),
    # The same trunk and far-reaching changes, so that a film from elsewhere, turned,
    # inverted or cropped, loses less.
    "sturdy": Recipe(
        phases=(Phase(epochs=8, size=256, batch=64),),
        optimizer="adamw",
        learning_rate=4e-4,
        augmentation=STURDY,
        films_per_epoch=3072,
        frozen_until="pool4_pool",
        copies=4,
        mix_style=0.3,
        cosine=True,
        weight_decay=0.05,
        label_smoothing=0.05,
        class_power=0.45,
        home_share=0.55,
        average=0.99,
        patience=8,
        dropout=0.3,
    ),
    # A network of the ensemble: ImageNet's EfficientNet-Lite2, all of it.
    "efficientnet": Recipe(
        phases=(Phase(epochs=14, size=192, batch=32),),
        optimizer="adamw",
        learning_rate=5e-4,
        augmentation=replace(STURDY, right_angles=0.3, invert=0.1),
        films_per_epoch=2400,
        network="efficientnet_lite2",
        cosine=True,
        weight_decay=0.03,
        label_smoothing=0.05,
        class_power=0.45,
        home_share=0.5,
        average=0.99,
        patience=14,
        dropout=0.3,
    ),
    # The second network as it is served, from one that `efficientnet` made: all
    # sources, metal on every part, and at home what those say that were kept from it.
    "small": Recipe(
        phases=(Phase(epochs=14, size=192, batch=32),),
        optimizer="adamw",
        learning_rate=3e-4,
        augmentation=TRAVELS,
        films_per_epoch=2880,
        network="efficientnet_lite2",
        cosine=True,
        weight_decay=0.03,
        label_smoothing=0.05,
        class_power=0.45,
        home_share=0.35,
        source_power=0.5,
        taught=0.5,
        average=0.99,
        patience=14,
        dropout=0.3,
    ),
}
