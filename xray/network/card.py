"""The model card: what the weights are, how they were made, how good they are."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..image import INPUT_SIZE, SECOND_SIZE
from ..labels import BODY_PARTS
from .ensemble import SecondReader
from .weights import sha256

VERSION = "0.3.0"  # of weights made from now on: raise it when they change
LICENSE = "CC BY-NC-SA 4.0"  # as the UNIFESP films that the weights learned from

_NETWORKS = {
    "densenet201": "DenseNet201 trunk, global average, 1,024 ReLU units, 22 logits",
    "efficientnet": "EfficientNet-Lite2 trunk, global average, 22 logits",
}
_FIRST = "densenet201"
_NAMED_BY = ("name", "version", "sha256")


# What the films a network learned from ask for, by source.
CREDITS = {
    "unifesp": "UNIFESP X-ray Body Part Classification, Federal University of São "
    "Paulo, doi 10.34740/KAGGLE/DSV/3399135, CC BY-NC-SA 4.0",
    "fracatlas": "FracAtlas, Abedeen et al. 2023, doi 10.6084/m9.figshare.22363012, "
    "CC BY 4.0",
    "pesplanus": "Roboflow Universe pesplanus-b1xsb, CC BY 4.0",
    "fraiwan": "Fraiwan et al., King Abdullah University Hospital, CC BY 4.0",
    "shoimp": "UCI 517 Shoulder Implant X-Ray Manufacturer Classification, CC BY 4.0",
    "nihcxr14": "NIH Clinical Center ChestX-ray14, no restriction, credit required",
    "kermany": "Kermany et al. 2018, CC BY 4.0",
    "cohencovid": "Cohen et al. 2020, CC BY",
    "ddhjordan": "Fraiwan et al. 2022, CC BY 4.0",
    "grazped": "GRAZPEDWRI-DX, CC BY 4.0",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A card as read from its JSON file beside the weights."""

    path: Path
    content: dict[str, Any]

    @property
    def version(self) -> str:
        """Name, version and the sha256's beginning, as exports state the model."""
        name, version, sha = (self.content.get(key, "–") for key in _NAMED_BY)
        return f"{name} {version} ({sha[:8]})"

    @property
    def temperature(self) -> float:
        """What logits are divided by before the softmax; 1 where not calibrated."""
        return float(self.content.get("calibration", {}).get("temperature", 1.0))

    @property
    def part_threshold(self) -> float:
        """From which probability on a further part is named."""
        return float(self.content.get("parts", {}).get("threshold", 0.5))

    @property
    def rejection_thresholds(self) -> tuple[float, float]:
        """Distances beyond which an unsure and a surer answer are rejected."""
        fitted = self.content.get("rejection", {})
        unsure = float(fitted.get("threshold", "inf"))
        return unsure, float(fitted.get("threshold_surer", unsure))

    @property
    def is_of_second_reader(self) -> bool:
        """Whether the weights are a second reader's."""
        network = self.content.get("network")
        return network in _NETWORKS.values() and network != _NETWORKS[_FIRST]

    def second_reader(self, kept_from: str | None = None) -> SecondReader | None:
        """Make the reader that is asked where this network is not sure.

        Args:
            kept_from: A split of films: only networks trained without it are asked,
                if there are any.

        Returns:
            None where one network reads alone.
        """
        networks = self.networks_kept_from(kept_from) if kept_from else []
        networks = networks or self.content.get("second_reader", {}).get("networks", [])
        if not networks:
            return None
        return SecondReader(
            [self.path.with_name(network["file"]) for network in networks],
            [network["sha256"] for network in networks],
        )

    def networks_kept_from(self, split: str) -> list[dict[str, Any]]:
        """List what is said of those second readers that never saw a split's films."""
        return [
            network
            for network in self.content.get("second_reader", {}).get("networks", [])
            if network.get("training", {}).get("protocol") == split
        ]

    @property
    def second_temperature(self) -> float:
        """What the second reader's logits are divided by before the softmax."""
        return float(self.content.get("second_reader", {}).get("temperature", 1.0))

    def known(self) -> Path | None:
        """Find the features of known radiographs; None where not fitted.

        Raises:
            ModelError: The file is another than the card's.
        """
        said = self.content.get("rejection", {})
        if "file" not in said:
            return None
        path = self.path.with_name(said["file"])
        if path.is_file() and sha256(path) != said.get("sha256"):
            raise ModelError(
                f"Expected the features of known radiographs that {self.path.name} "
                f"names, {path.name} is another file. Restore both from the repository."
            )
        return path


def card_path(weights: Path) -> Path:
    """Path of the card that belongs to a weights file."""
    return weights.with_suffix(".json")


def read_card(weights: Path, check: bool = True) -> Card:
    """Read the card of a weights file and check that they belong together.

    Raises:
        ModelError: The card is missing or damaged, or names another sha256.
    """
    path = card_path(weights)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"Expected the model card {path.name} beside {weights.name}, could not "
            f"read it: {error}. Restore both files from the repository."
        ) from error
    if check and (received := sha256(weights)) != content.get("sha256"):
        raise ModelError(
            f"Expected weights with sha256 {content.get('sha256')} as "
            f"{path.name} says, {weights.name} has {received}. "
            "Restore both files from the repository."
        )
    return Card(path, content)


def second_readers_beside(weights: Path) -> list[Path]:
    """Find the weights of second readers in the folder of a first one's, by name."""
    found = [path for path in weights.parent.glob("*.npz") if card_path(path).is_file()]
    return sorted(
        path for path in found if read_card(path, check=False).is_of_second_reader
    )


def make_card(weights: Path, network: str = _FIRST) -> Card:
    """Make a card for weights, keeping what an earlier one says of their making.

    What was fitted to or measured on earlier weights is dropped; what other runs of
    the recipe reached is kept, and how these very weights compute in 8 bits.

    Args:
        weights: Their file; the card will lie beside it.
        network: What they are of: "densenet201" or "efficientnet".
    """
    try:
        earlier = read_card(weights, check=False).content
    except ModelError:
        earlier = {}
    received = sha256(weights)
    side = INPUT_SIZE if network == _FIRST else SECOND_SIZE
    content = {
        "name": earlier.get("name", f"xray-{weights.stem}"),
        "version": VERSION,
        "sha256": received,
        "license": LICENSE,
        "network": _NETWORKS[network],
        "input": f"gray film letterboxed to {side} x {side}, stretched between its "
        "1st and 99.5th percentile, scaled to [-1, 1], repeated on three channels",
        "classes": [part.english for part in BODY_PARTS],
        "training": earlier.get("training", {}),
    }
    if "recipe_figures" in earlier:
        content["recipe_figures"] = earlier["recipe_figures"]
    if "in_8_bits" in earlier and earlier.get("sha256") == received:
        content["in_8_bits"] = earlier["in_8_bits"]
    return Card(card_path(weights), content)


def write_card(card: Card) -> None:
    """Write a card to its JSON file."""
    text = json.dumps(card.content, indent=2, ensure_ascii=False)
    card.path.write_text(text + "\n", encoding="utf-8")
