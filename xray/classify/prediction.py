"""What the classifier answers: a prediction, and the map that explains it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import XrayError
from ..image import INPUT_SIZE, GrayImage, crop_square, resize
from ..labels import BODY_PARTS, BodyPart, Language
from ..network.local_card import LocalCard
from ..reading.radiograph import Notice
from .findings import Findings
from .trust.confidence import HIGH_ABOVE, Band, band, parts_above, recalibrate
from .trust.pose import UPRIGHT, Pose


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The probabilities of the 22 parts, and what follows from them."""

    probabilities: NDArray[np.float32]  # (22,), sum 1
    rejected: str | None = None  # key of a message: why not to believe it
    part_threshold: float = 0.5  # from where on a further part is named
    pose: Pose = UPRIGHT  # how the film seems to lie; it was read with that undone
    views: int = 1  # in how many poses it was read
    networks: int = 1  # how many read it
    high_above: float = HIGH_ABOVE  # confidence above which the answer is green
    findings: Findings | None = None  # None: nobody asked for them

    @property
    def label(self) -> int:
        """Class number of the likeliest part."""
        return int(self.probabilities.argmax())

    @property
    def part(self) -> BodyPart:
        """The likeliest body part."""
        return BODY_PARTS[self.label]

    @property
    def confidence(self) -> float:
        """Probability of the likeliest part, [0, 1]."""
        return float(self.probabilities[self.label])

    @property
    def band(self) -> Band:
        """How far to trust the likeliest part: not at all where it was rejected."""
        return Band.LOW if self.rejected else band(self.confidence, self.high_above)

    @property
    def parts(self) -> tuple[BodyPart, ...]:
        """Every part the film shows, likeliest first: "hand + wrist" are two."""
        shown = parts_above(self.probabilities, self.part_threshold)
        return tuple(BODY_PARTS[part] for part in shown)

    def named(self, language: Language = "en") -> str:
        """Name every part that the film shows: "Hand + Wrist"."""
        return " + ".join(part.name(language) for part in self.parts)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What to say of the way the film was read."""
        found: list[Notice] = []
        if self.pose.bordered:
            found.append(Notice("read_bordered"))
        elif self.pose.inverted:
            found.append(Notice("read_inverted"))
        elif self.pose.turns:
            found.append(Notice("read_turned", {"degrees": 90 * self.pose.turns}))
        return tuple(found)

    def top(self, count: int = 5) -> list[tuple[BodyPart, float]]:
        """The likeliest parts with their probabilities, best first."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(BODY_PARTS[i], float(self.probabilities[i])) for i in order]


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """A prediction with the Grad-CAM++ maps of one or more of its parts."""

    prediction: Prediction
    maps: dict[int, NDArray[np.float32]]  # label: (8, 8) on the square, [0, 1]
    height: int  # of the original picture, pixels
    width: int

    def recalibrated(self, local: LocalCard) -> "Explanation":
        """Say the answer as a local card has it: the parts' order is the same."""
        said = replace(
            self.prediction,
            probabilities=recalibrate(self.prediction.probabilities, local.temperature),
            high_above=local.green_above,
        )
        return replace(self, prediction=said)

    def with_findings(self, findings: Findings | None) -> "Explanation":
        """Put findings beside the answer, or take them away."""
        return replace(self, prediction=replace(self.prediction, findings=findings))

    @property
    def heatmap(self) -> GrayImage:
        """Map of the first explained part, (H, W) of the original, [0, 1].

        Raises:
            XrayError: No part was explained.
        """
        return self.heatmap_of(next(iter(self.maps), self.prediction.label))

    def heatmap_of(
        self, label: int, height: int | None = None, width: int | None = None
    ) -> GrayImage:
        """Resize one part's map to the picture, the letterbox taken off.

        Args:
            label: A class number in `maps`.
            height: Rows of the result; None is the original's.
            width: Columns of the result; None is the original's.

        Returns:
            (height, width), [0, 1].

        Raises:
            XrayError: That part was not explained.
        """
        if label not in self.maps:
            raise XrayError(
                f"Expected a part that was mapped, received class {label} of maps of "
                f"{sorted(self.maps)}. Ask for it with `explain(picture, label)`."
            )
        return self._over_picture(self.maps[label], height, width)

    def fracture_map(
        self, height: int | None = None, width: int | None = None
    ) -> GrayImage | None:
        """Resize the map of fractures to the picture, the letterbox taken off.

        Returns:
            (height, width), [0, 1], calibrated probabilities; None where there is
            none.
        """
        findings = self.prediction.findings
        if findings is None or findings.where is None:
            return None
        return self._over_picture(findings.where, height, width)

    def _over_picture(
        self, square: NDArray[np.float32], height: int | None, width: int | None
    ) -> GrayImage:
        """Bring a map (S, S) of the letterboxed square over the picture."""
        fine = resize(square, INPUT_SIZE, INPUT_SIZE)
        cropped = crop_square(fine, self.height, self.width)
        return resize(cropped, height or self.height, width or self.width)
