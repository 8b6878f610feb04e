"""A local card: what a hospital's own films say of the shipped network.

It holds a temperature and a threshold for green, measured on films that were reviewed
there, and lies in the user's folder, never among the weights. It is used only where it
is asked for, and whoever uses it is told its name with the model's.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..errors import ModelError

VARIABLE = "XRAY_CARD"  # of the environment: name or path of a local card
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


@dataclass(frozen=True, slots=True)
class LocalCard:
    """What was measured on the films of one archive."""

    name: str
    weights_sha256: str  # of the weights that it was measured with
    temperature: float  # by which the answers' logits are divided once more
    green_above: float  # confidence above which an answer is green
    green_error: float  # share of green answers that may be wrong
    films: int
    patients: int
    made: str  # date
    figures: Mapping[str, Any]  # measured, nothing is computed with them

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name: letters, digits, - or _; received {self.name!r}")
        if not 0.05 <= self.temperature <= 10:
            raise ValueError(f"temperature: 0.05 to 10, received {self.temperature}")
        if not 0.7 <= self.green_above < 1:
            raise ValueError(f"green_above: 0.7 to 1, received {self.green_above}")


def local_path(named: str | Path) -> Path:
    """Find a local card by its path, or by its name in the user's folder."""
    import platformdirs

    text = str(named)
    if _NAME.fullmatch(text) and not text.endswith(".json"):
        folder = platformdirs.user_data_path("xray", appauthor=False)
        return folder / "cards" / f"{text}.json"
    return Path(named)


def read_local_card(named: str | Path, weights_sha256: str) -> LocalCard:
    """Read a local card and check that it is of these weights.

    Raises:
        ModelError: It is missing or damaged, or was measured with other weights.
    """
    path = local_path(named)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        card = LocalCard(**{each.name: values[each.name] for each in fields(LocalCard)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"Expected a local card of `xray evaluate --save-card` at {path}, "
            f"could not read it: {error}. Save it again, or unset {VARIABLE}."
        ) from error
    if card.weights_sha256 != weights_sha256:
        raise ModelError(
            f"Expected a local card for weights {weights_sha256[:8]}. Received: "
            f"{path}, measured with {card.weights_sha256[:8]}. Measure again with "
            f"`xray evaluate`, or unset {VARIABLE}."
        )
    return card


def chosen_card() -> str | None:
    """Name or path of the local card that the environment asks for, if any."""
    return os.environ.get(VARIABLE) or None
