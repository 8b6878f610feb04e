"""The backbones that weights of body parts can be of, each a folder beside this file.

The first network is a DenseNet201, the second an EfficientNet-Lite2, and `Classifier`
and `SecondNetwork` are made for these: another backbone needs its graph for OpenVINO, a
line here, and for the first network a tail that maps its answer, as `densenet.tail`.
Findings are no head on these features but a network with a card of its own, in
`findings`.
"""

from dataclasses import dataclass

from ..errors import ModelError
from ..labels import BODY_PARTS
from .weights import Weights

DENSENET201 = "densenet201"
EFFICIENTNET_LITE2 = "efficientnet_lite2"


@dataclass(frozen=True, slots=True)
class Backbone:
    """What a network is, and how weights of it are told from others."""

    name: str  # as its paper has it
    layers: str
    size: int  # side of its input in pixels
    first_kernel: str  # a weight that no other backbone has

    @property
    def input(self) -> str:
        """Say what the network takes."""
        return (
            f"gray film letterboxed to {self.size} x {self.size}, stretched between "
            "its 1st and 99.5th percentile, scaled to [-1, 1], repeated on three "
            "channels"
        )

    def check(self, weights: Weights, file: str) -> None:
        """Make sure that weights are of this backbone, and have a logit a class.

        Raises:
            ModelError: They are of another network; the message names their file.
        """
        bias = weights.get("logits/bias")
        received = "no logits" if bias is None else f"{len(bias)} logits"
        if self.first_kernel not in weights:
            received = f"no {self.first_kernel}"
        if received != f"{len(BODY_PARTS)} logits":
            raise ModelError(
                f"Expected weights of {self.name} with {len(BODY_PARTS)} logits, "
                f"received {received}: {file} is another file. Restore it and its card "
                "from the repository."
            )


BACKBONES: dict[str, Backbone] = {
    DENSENET201: Backbone(
        "DenseNet201",
        "DenseNet201 trunk, global average, 1,024 ReLU units, 22 logits",
        256,
        "conv1_conv/kernel",
    ),
    EFFICIENTNET_LITE2: Backbone(
        "EfficientNet-Lite2",
        "EfficientNet-Lite2 trunk, global average, 22 logits",
        192,
        "stem_conv/kernel",
    ),
}


def find_backbone(weights: Weights) -> str:
    """Say of which backbone weights without a card are; DenseNet201 if of none."""
    fitting = (key for key, each in BACKBONES.items() if each.first_kernel in weights)
    return next(fitting, DENSENET201)
