"""Cards of weights that a run has just made, and the small network beside them."""

from pathlib import Path

from ..errors import ModelError
from ..network.backbones import DENSENET201
from ..network.card import Card, card_path, read_card
from ..network.findings.card import DEFAULT_FINDINGS
from ..network.weights import sha256


def second_beside(weights: Path) -> Path | None:
    """Find the small network in the folder of a first one's weights.

    Raises:
        ModelError: There are several.
    """
    others = {weights.name, DEFAULT_FINDINGS.name}
    small = [
        path
        for path in weights.parent.glob("*.npz")
        if path.name not in others
        and card_path(path).is_file()
        and read_card(path, check=False).backbone != DENSENET201
    ]
    if len(small) > 1:
        names = ", ".join(sorted(path.name for path in small))
        raise ModelError(
            f"Expected one small network beside {weights.name}. Received: {names}"
        )
    return small[0] if small else None


def make_card(weights: Path, backbone: str = DENSENET201) -> Card:
    """Make a card for weights, keeping what an earlier one says of their making.

    What was fitted to or measured on earlier weights is dropped; how these very
    weights compute in 8 bits is kept.

    Args:
        weights: Their file; the card will lie beside it.
        backbone: What they are of, a key of `BACKBONES`.
    """
    path, received = card_path(weights), sha256(weights)
    try:
        earlier = read_card(weights, check=False)
    except ModelError:
        return Card(path, f"xray-{weights.stem}", received, backbone)
    same = earlier.sha256 == received and "in_8_bits" in earlier.figures
    figures = {"in_8_bits": earlier.figures["in_8_bits"]} if same else {}
    return Card(
        path,
        earlier.name,
        received,
        backbone,
        training=earlier.training,
        figures=figures,
    )
