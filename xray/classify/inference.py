"""From prepared pictures to explanations: the passes through the network.

Every picture goes through the network once as it came. One that it is not sure of is
read by a second network too (`trust.second_reading`); if both are unsure, it is looked
at again in the poses that it may lie in. What the two see in a picture in one pose is a
look; `trust.second_look` chooses the poses and combines the looks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..image import GrayImage
from ..network.card import Card
from ..network.densenet.gradcam import grad_cam_plus_plus
from ..network.densenet.tail import Tail
from ..network.engine import Engine
from ..network.ensemble import SecondReader
from .prediction import Explanation, Prediction
from .prepared import PreparedPicture
from .trust.border import exposed_field
from .trust.confidence import recalibrate, softmax
from .trust.known import Known
from .trust.pose import UPRIGHT, Pose
from .trust.rejection import is_unfamiliar
from .trust.second_look import Look, combine, further_poses, is_stranger
from .trust.second_reading import needs_second, together

Item = TypeVar("Item")
Array = NDArray[np.float32]
Labels = NDArray[np.intp]  # (N, K): K class numbers to map for each of N pictures

BATCH = 8  # pictures of one pass


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut a list into the batches of one pass each, in order."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


@dataclass(frozen=True, slots=True, eq=False)
class Inference:
    """Everything that turns a batch of pictures into explanations."""

    engine: Engine
    tail: Tail
    card: Card
    known: Known | None = None  # None: nothing is unfamiliar, no pose is guessed
    second: SecondReader | None = None  # None: one network reads alone

    def measure(
        self, pictures: Sequence[PreparedPicture], busy: bool
    ) -> tuple[Array, Array]:
        """Compute logits (N, 22) and pooled features (N, 1920)."""
        squares = np.stack([picture.square for picture in pictures])
        features = self.engine.forward(squares * 2 - 1, busy, maps=False).features
        return self.tail.decide(features), features

    def explain(
        self,
        pictures: Sequence[PreparedPicture],
        labels: Sequence[int] | None,
        top: int,
        busy: bool,
    ) -> list[Explanation]:
        """Predict and map a batch; for the arguments see `Classifier.explain_all`."""
        all_looks = self._look(pictures, busy, maps=top > 0 or labels is not None)
        combined = [combine(looks) for looks in all_looks]
        if labels is None:
            probabilities = np.stack([each for each, _ in combined])
            mapped = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
        else:
            mapped = np.asarray(labels)[:, None]
        maps = self._map([chosen for _, chosen in combined], mapped)
        return [
            Explanation(
                self._predict(picture, looks, *answer), drawn, *picture.pixels.shape
            )
            for picture, looks, answer, drawn in zip(
                pictures, all_looks, combined, maps, strict=True
            )
        ]

    def _predict(
        self,
        picture: PreparedPicture,
        looks: list[Look],
        probabilities: Array,
        chosen: Look,
    ) -> Prediction:
        """Answer for one picture, by what `combine` made of all looks at it."""
        stranger = is_stranger(looks, chosen, probabilities)
        return Prediction(
            probabilities,
            picture.fault or ("rejected_unfamiliar" if stranger else None),
            self.card.part_threshold,
            chosen.pose,
            len(looks),
            any(look.second_part is not None for look in looks),
        )

    def _look(
        self, pictures: Sequence[PreparedPicture], busy: bool, maps: bool
    ) -> list[list[Look]]:
        """Look at every picture as it came, and at unsure ones in other poses."""
        came = [(picture, UPRIGHT) for picture in pictures]
        looks = [[first] for first in self._look_in_poses(came, busy, maps)]
        again = [
            (number, pose)
            for number, picture in enumerate(pictures)
            if picture.fault is None
            for pose in _further_poses(picture, looks[number][0])
        ]
        for batch in batches(again):
            posed = [(pictures[number], pose) for number, pose in batch]
            further = self._look_in_poses(posed, busy, maps)
            for (number, _), look in zip(batch, further, strict=True):
                looks[number].append(look)
        return looks

    def _look_in_poses(
        self, posed: Sequence[tuple[PreparedPicture, Pose]], busy: bool, maps: bool
    ) -> list[Look]:
        """Look at pictures once, each with a pose undone."""
        squares = np.stack([picture.without(pose) for picture, pose in posed])
        output = self.engine.forward(squares * 2 - 1, busy, maps)
        logits = self.tail.decide(output.features)
        probabilities = softmax(logits, self.card.temperature)
        # By the first reader's own confidence, so that the second saves no stranger.
        unfamiliar = self._unfamiliar(output.features, probabilities)
        seconds = self._read_twice(posed, squares, probabilities, busy)
        guess = None if self.known is None else self.known.poses
        poses = None if guess is None else guess.probabilities(output.features)
        return [
            Look(
                pose,
                probabilities[number],
                bool(unfamiliar[number]),
                None if poses is None else poses[number],
                None if output.activations is None else output.activations[number],
                seconds[number],
            )
            for number, (_, pose) in enumerate(posed)
        ]

    def _read_twice(
        self,
        posed: Sequence[tuple[PreparedPicture, Pose]],
        squares: Array,
        probabilities: Array,
        busy: bool,
    ) -> list[int | None]:
        """Let the second reader answer too where the first is not sure.

        Args:
            posed: N pictures, and the pose that is undone in each.
            squares: (N, 256, 256), [0, 1], what that leaves.
            probabilities: (N, 22), the first reader's; changed in place.
            busy: Other threads ask at the same time.

        Returns:
            For each picture the part it named alone; None where it wasn't asked.
        """
        found: list[int | None] = [None] * len(squares)
        sound = np.array([picture.fault is None for picture, _ in posed])
        asked = np.flatnonzero(needs_second(probabilities) & sound)
        if self.second is None or not asked.size:
            return found

        def closer(number: int) -> GrayImage:
            picture, pose = posed[int(asked[number])]
            return picture.closer().without(pose)

        answers = self.second.answers(squares[asked], closer, busy)
        second = recalibrate(answers, self.card.second_temperature)
        probabilities[asked] = together(probabilities[asked], second)
        for number, part in zip(asked, answers.argmax(1), strict=True):
            found[number] = int(part)
        return found

    def _unfamiliar(self, features: Array, probabilities: Array) -> NDArray[np.bool_]:
        """Say which of N pictures lie too far from every known radiograph: (N,)."""
        if self.known is None:
            return np.zeros(len(features), bool)
        distances = self.known.familiarity.distances(features)
        confidences = probabilities.max(axis=1)
        return is_unfamiliar(distances, confidences, self.card.rejection_thresholds)

    def _map(self, looks: Sequence[Look], labels: Labels) -> list[dict[int, Array]]:
        """Map classes of N pictures, one look each, laid as the pictures came."""
        maps: list[dict[int, Array]] = [{} for _ in looks]
        if labels.size == 0:
            return maps
        activations = np.stack(
            [look.activations for look in looks if look.activations is not None]
        )
        choices = labels.T.tolist()
        turns = self.tail.gradients_in_turn(activations, choices)
        for ranked, gradients in zip(choices, turns, strict=True):
            drawn = grad_cam_plus_plus(activations, gradients)
            for number, label in enumerate(ranked):
                maps[number][label] = looks[number].pose.redo(drawn[number])
        return maps


def _further_poses(picture: PreparedPicture, first: Look) -> list[Pose]:
    """Choose further looks at a picture; its border is sought only if it matters."""
    if first.is_sure:
        return []
    return further_poses(first, exposed_field(picture.pixels) is not None)
