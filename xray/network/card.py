"""The model card: what weights are, how they were made, and what was fitted to them.

A JSON file beside each weights file, laid out as `Card` is. All that serving computes
with is a typed field and checked as it is read; what was only measured is in `figures`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..labels import BODY_PARTS
from .backbones import BACKBONES, DENSENET201, Backbone
from .sections import check_name, check_range, read_section
from .weights import sha256

RELEASE = "0.5.0"  # of weights made from now on: raise it when they change
LICENSE = "CC BY-NC-SA 4.0"  # as the UNIFESP films that the weights learned from

# Tables as `xray evaluate` measures them, for people to read.
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Training:
    """What weights learned from, and how."""

    protocol: str = ""  # name of the split: which films were kept out
    films: int = 0
    patients: int = 0
    films_by_source: Mapping[str, int] = field(default_factory=dict)
    validation_films: int = 0
    log: str = ""  # file beside the card with a row for every epoch
    how: Mapping[str, object] = field(default_factory=dict)  # recipe, start, seed ...

    def facts(self) -> dict[str, object]:
        """List what is known, under names for people; `how` among them."""
        found: dict[str, object] = {
            "protocol": self.protocol,
            **self.how,
            "films": self.films,
            "patients": self.patients,
            "films_by_source": self.films_by_source,
            "validation_films": self.validation_films,
            "log": self.log,
        }
        return {key: each for key, each in found.items() if each not in ("", 0, {})}


@dataclass(frozen=True, slots=True)
class Calibration:
    """Temperature scaling of the softmax, of the ensemble where there is one."""

    temperature: float = 1.0
    fitted_on: str = ""
    films: int = 0

    def __post_init__(self) -> None:
        check_range("calibration.temperature", self.temperature, 0.01, 100)


@dataclass(frozen=True, slots=True)
class Parts:
    """From which probability on a film is said to show a further part."""

    threshold: float = 0.5
    fitted_on: str = ""

    def __post_init__(self) -> None:
        check_range("parts.threshold", self.threshold, 0, 1)


@dataclass(frozen=True, slots=True)
class Rejection:
    """When a film is out of distribution: distances to the nearest reference film."""

    file: str  # features of the reference films, beside the card
    sha256: str
    threshold: float  # squared Hellinger distance, for answers below the medium band
    threshold_surer: float  # for those from the medium band on
    fitted_on: str = ""
    references: int = 0  # films

    def __post_init__(self) -> None:
        check_name("rejection.file", self.file)
        check_range("rejection.threshold", self.threshold, 0, 2)
        check_range("rejection.threshold_surer", self.threshold_surer, 0, 2)


@dataclass(frozen=True, slots=True)
class Views:
    """Test-time augmentation: when a film is read again in another pose."""

    again_below: float = 0.6  # confidence of the first view
    most: int = 1  # further views: on fold 0, turned, a second brings nothing
    least_likely: float = 0.3  # probability of a pose that is worth a view
    first_counts: float = 1.5  # times as much as another view of the same confidence
    ood_counts: float = 0.1  # times as much as a view that is in distribution

    def __post_init__(self) -> None:
        check_range("views.again_below", self.again_below, 0, 1)
        check_range("views.most", self.most, 0, 9)
        check_range("views.least_likely", self.least_likely, 0, 1)
        check_range("views.first_counts", self.first_counts, 0.01, 100)
        check_range("views.ood_counts", self.ood_counts, 0.001, 1)


@dataclass(frozen=True, slots=True)
class EnsembleSettings:
    """The small network that is asked beside; its own card says how it was made."""

    file: str
    sha256: str
    share: float = 0.5  # of the answer: the weight of its logits

    def __post_init__(self) -> None:
        check_name("ensemble.file", self.file)
        check_range("ensemble.share", self.share, 0, 1)


@dataclass(frozen=True, slots=True)
class Fast:
    """When the small network answers alone, where that is asked for."""

    file: str  # its features of reference films, beside the card
    sha256: str
    temperature: float  # of its own softmax
    confidence: float  # from which on it is sure enough
    distance: float  # squared Hellinger distance up to which a film is familiar
    fitted_on: str = ""
    films: int = 0

    def __post_init__(self) -> None:
        check_name("fast.file", self.file)
        check_range("fast.temperature", self.temperature, 0.01, 100)
        check_range("fast.confidence", self.confidence, 0.7, 1)
        check_range("fast.distance", self.distance, 0, 2)


@dataclass(frozen=True, slots=True)
class Card:
    """A card, as its JSON file beside the weights says it.

    `figures` holds what was measured, and nothing that is computed with: `splits` and
    `left_out` by protocol, `data`, `in_8_bits`, `rejection`, `seen_in_training`,
    `second_alone`.
    """

    path: Path  # of the JSON file; not in it
    name: str
    sha256: str  # of the weights
    backbone: str  # one of `BACKBONES`
    release: str = RELEASE
    license: str = LICENSE
    classes: tuple[str, ...] = tuple(part.english for part in BODY_PARTS)
    training: Training = field(default_factory=Training)
    calibration: Calibration = field(default_factory=Calibration)
    parts: Parts = field(default_factory=Parts)
    rejection: Rejection | None = None  # None: nothing is out of distribution
    views: Views = field(default_factory=Views)
    ensemble: EnsembleSettings | None = None  # None: one network answers alone
    fast: Fast | None = None  # None: the small network never answers alone
    figures: Figures = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.backbone not in BACKBONES:
            known = ", ".join(BACKBONES)
            raise ValueError(f"backbone: one of {known}, received {self.backbone!r}")
        if self.classes != (expected := tuple(part.english for part in BODY_PARTS)):
            raise ValueError(f"classes: {expected}, received {self.classes}")

    @property
    def version(self) -> str:
        """Name, release and the sha256's beginning, as exports state the model."""
        return f"{self.name} {self.release} ({self.sha256[:8]})"

    @property
    def weights(self) -> Path:
        """The weights file that the card belongs to."""
        return self.path.with_suffix(".npz")

    @property
    def network(self) -> Backbone:
        """The network that the weights are of."""
        return BACKBONES[self.backbone]

    @property
    def rejection_thresholds(self) -> tuple[float, float]:
        """Distances beyond which an unsure and a surer answer are rejected."""
        if self.rejection is None:
            return float("inf"), float("inf")
        return self.rejection.threshold, self.rejection.threshold_surer

    def require_first(self) -> None:
        """Make sure that the network can be the first: it is asked for maps.

        Raises:
            ModelError: It is of another backbone.
        """
        if self.backbone != DENSENET201:
            raise ModelError(
                f"Expected weights of {BACKBONES[DENSENET201].name}, the one backbone "
                f"that the first network can be of. Received: {self.weights.name}, of "
                f"{self.network.name}. Name others; {self.network.name} can only be "
                "asked beside it."
            )

    def with_figures(self, **figures: object) -> "Card":
        """Copy the card, some of its figures new."""
        return replace(self, figures={**self.figures, **figures})

    def references(self) -> Path | None:
        """Find the features of the reference films; None where not fitted.

        Raises:
            ModelError: The file is another than the card's.
        """
        if self.rejection is None:
            return None
        return self.beside(self.rejection.file, self.rejection.sha256)

    def beside(self, file: str, expected: str) -> Path:
        """Find features of reference films that the card names.

        Raises:
            ModelError: The file is another than the card's.
        """
        path = self.path.with_name(file)
        if path.is_file() and sha256(path) != expected:
            raise ModelError(
                f"Expected the features of reference films that {self.path.name} "
                f"names, {path.name} is another file. Restore both from the repository."
            )
        return path

    def second(self) -> "Card | None":
        """Read the card of the second network; None where one answers alone."""
        if self.ensemble is None:
            return None
        return read_card(self.path.with_name(self.ensemble.file), check=False)


def card_path(weights: Path) -> Path:
    """Path of the card that belongs to a weights file."""
    return weights.with_suffix(".json")


def read_card(weights: Path, check: bool = True) -> Card:
    """Read the card of a weights file and check that they belong together.

    Raises:
        ModelError: The card is missing, damaged or out of range, or names another
            sha256.
    """
    path = card_path(weights)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        card: Card = read_section(Card, content, "the card", path=path)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"Expected the model card {path.name} beside {weights.name}, could not "
            f"read it: {error}. Restore both files from the repository."
        ) from error
    if check and (received := sha256(weights)) != card.sha256:
        raise ModelError(
            f"Expected weights with sha256 {card.sha256} as {path.name} says, "
            f"{weights.name} has {received}. Restore both files from the repository."
        )
    return card
