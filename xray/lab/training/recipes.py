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
    network: str = "densenet201"  # key of `network.backbones.BACKBONES`, or findings
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

# The student's project this tool grew from.
_ORIGINAL = Recipe(
    phases=(Phase(epochs=15, size=256, batch=32),),
    optimizer="adam",
    learning_rate=7e-4,
    augmentation=ORIGINAL,
    frozen_layers=600,
)
# ImageNet's EfficientNet-Lite2, all of it: what `small` starts from, and is taught by.
_EFFICIENTNET = Recipe(
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
)
# The second network as it is served, from one that `efficientnet` made: all sources,
# metal on every part, and at home what those say that were kept from it. Stem and two
# stages stay as they are: other sources need no other edges.
_SMALL = replace(
    _EFFICIENTNET,
    learning_rate=3e-4,
    augmentation=TRAVELS,
    films_per_epoch=2880,
    frozen_layers=35,
    home_share=0.35,
    source_power=0.5,
    taught=0.5,
)
RECIPES = {
    "original": _ORIGINAL,
    "efficientnet": _EFFICIENTNET,
    "small": _SMALL,
    # On from what `small` made.
    "further": replace(_SMALL, phases=(Phase(12, size=192),), learning_rate=2.5e-4),
}

# The network of findings (`xray findings`): ImageNet's EfficientNet-Lite2, mostly at a
# size that is quick to learn from, then at the one that is served.
FINDINGS = Recipe(
    phases=(Phase(epochs=5, size=256, batch=24), Phase(epochs=2, size=384, batch=12)),
    optimizer="adamw",
    learning_rate=6e-4,
    augmentation=replace(
        STURDY,
        rotation=20,
        right_angles=0.3,
        zoom=(0.8, 1.3),
        aspect=1.1,
        gamma=1.5,
        contrast=0.1,
        invert=0.05,
        collimate=0.1,
        erase=0.0,
        metal=0.12,
    ),
    films_per_epoch=1800,
    network="findings",
    cosine=True,
    weight_decay=0.03,
    average=0.99,
    dropout=0.3,
)
# What follows for the network that is shipped, each from what the one before made; the
# last one learns from prostheses and knees without fractures too.
FURTHER_FINDINGS = tuple(
    replace(FINDINGS, phases=(Phase(epochs, size=384, batch=12),), learning_rate=rate)
    for epochs, rate in ((8, 4e-4), (5, 2.5e-4), (3, 1.5e-4))
)
