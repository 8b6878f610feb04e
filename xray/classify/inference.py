"""From prepared pictures to explanations: the passes through the network.

Every picture is shown to both networks of the ensemble as it came (to the second one
mirrored and smaller too), or the fast way to the second one alone. One that they are
unsure of is viewed again in a pose that it may lie in. What they see in a picture in
one pose is a view; `trust.views` chooses the poses and combines the views.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..network.card import Card
from ..network.densenet.gradcam import grad_cam_plus_plus
from ..network.densenet.tail import Tail
from ..network.engine import Engine
from ..network.ensemble import SecondNetwork
from .prediction import Explanation, Prediction
from .prepared import PreparedPicture
from .trust.border import inside_border
from .trust.confidence import softmax
from .trust.fast import FastWay
from .trust.pose import UPRIGHT, Pose
from .trust.references import References
from .trust.rejection import is_ood
from .trust.views import (
    View,
    combine,
    further_poses,
    is_sure,
    stays_ood,
    together,
)

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
    references: References | None = None  # None: nothing is OOD, no pose is guessed
    second: SecondNetwork | None = None  # None: one network answers alone
    # Read when it is first asked; None: the second one never answers alone.
    fast: Callable[[], FastWay | None] | None = None

    @property
    def networks(self) -> int:
        """How many read a film that is not answered the fast way."""
        return 1 if self.second is None or self.card.ensemble is None else 2

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
        maps_too = top > 0 or labels is not None
        all_views = self._view(pictures, busy, maps_too)
        combined = [combine(views, self.card.views) for views in all_views]
        if labels is None:
            probabilities = np.stack([each for each, _ in combined])
            mapped = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
        else:
            mapped = np.asarray(labels)[:, None]
        maps = self._map([chosen for _, chosen in combined], mapped)
        return [
            Explanation(
                self._predict(picture, views, *answer), drawn, *picture.pixels.shape
            )
            for picture, views, answer, drawn in zip(
                pictures, all_views, combined, maps, strict=True
            )
        ]

    def explain_fast(
        self, pictures: Sequence[PreparedPicture], busy: bool
    ) -> list[Explanation]:
        """Predict a batch: the second network alone where it may, else both.

        Without maps, which are the first network's.
        """
        assert self.second is not None and self.fast is not None
        way = self.fast()
        assert way is not None  # `require_fast` has asked the card
        squares = np.stack([picture.square for picture in pictures])
        logits, features = self.second.measure(squares, busy)
        probabilities, stand = way.answer(logits, features)
        stand &= [picture.fault is None for picture in pictures]
        rest = [
            picture for picture, alone in zip(pictures, stand, strict=True) if not alone
        ]
        both = iter(self.explain(rest, None, 0, busy) if rest else ())
        threshold = self.card.parts.threshold
        return [
            Explanation(Prediction(found, None, threshold), {}, *picture.pixels.shape)
            if alone
            else next(both)
            for picture, found, alone in zip(
                pictures, probabilities, stand, strict=True
            )
        ]

    def _predict(
        self,
        picture: PreparedPicture,
        views: list[View],
        probabilities: Array,
        chosen: View,
    ) -> Prediction:
        """Answer for one picture, by what `combine` made of all views of it."""
        ood = stays_ood(views, chosen, probabilities)
        return Prediction(
            probabilities,
            picture.fault or ("rejected_unfamiliar" if ood else None),
            self.card.parts.threshold,
            chosen.pose,
            len(views),
            self.networks,
        )

    def _view(
        self, pictures: Sequence[PreparedPicture], busy: bool, maps: bool
    ) -> list[list[View]]:
        """View every picture as it came, and unsure ones in other poses."""
        came = [(picture, UPRIGHT) for picture in pictures]
        views = [[first] for first in self.view_in_poses(came, busy, maps)]
        again = [
            (number, pose)
            for number, picture in enumerate(pictures)
            if picture.fault is None
            for pose in self._further_poses(picture, views[number][0])
        ]
        for batch in batches(again):
            posed = [(pictures[number], pose) for number, pose in batch]
            further = self.view_in_poses(posed, busy, maps)
            for (number, _), view in zip(batch, further, strict=True):
                views[number].append(view)
        return views

    def view_in_poses(
        self,
        posed: Sequence[tuple[PreparedPicture, Pose]],
        busy: bool,
        maps: bool,
    ) -> list[View]:
        """View pictures once, each with a pose undone."""
        squares = np.stack([picture.without(pose) for picture, pose in posed])
        output = self.engine.forward(squares * 2 - 1, busy, maps)
        probabilities = self._answer(output.features, squares, busy)
        ood = self._ood(output.features, probabilities)
        guess = None if self.references is None else self.references.poses
        poses = None if guess is None else guess.probabilities(output.features)
        return [
            View(
                pose,
                probabilities[number],
                bool(ood[number]),
                None if poses is None else poses[number],
                None if output.activations is None else output.activations[number],
            )
            for number, (_, pose) in enumerate(posed)
        ]

    def _further_poses(self, picture: PreparedPicture, first: View) -> list[Pose]:
        """Choose further views; the border is sought only where it matters."""
        settings = self.card.views
        if is_sure(first, settings):
            return []
        bordered = inside_border(picture.pixels) is not None
        return further_poses(first, settings, bordered)

    def _answer(self, features: Array, squares: Array, busy: bool) -> Array:
        """Let the networks answer N squares (N, 256, 256): calibrated, (N, 22)."""
        logits = self.tail.decide(features)
        if self.second is not None and self.card.ensemble is not None:
            beside = self.second.logits(squares, busy)
            logits = together(logits, beside, self.card.ensemble.share)
        return softmax(logits, self.card.calibration.temperature)

    def _ood(self, features: Array, probabilities: Array) -> NDArray[np.bool_]:
        """Say which of N pictures lie too far from every reference film: (N,)."""
        if self.references is None:
            return np.zeros(len(features), bool)
        distances = self.references.detector.distances(features)
        confidences = probabilities.max(axis=1)
        return is_ood(distances, confidences, self.card.rejection_thresholds)

    def _map(self, views: Sequence[View], labels: Labels) -> list[dict[int, Array]]:
        """Map classes of N pictures, one view each, laid as the pictures came."""
        maps: list[dict[int, Array]] = [{} for _ in views]
        if labels.size == 0:
            return maps
        activations = np.stack(
            [view.activations for view in views if view.activations is not None]
        )
        choices = labels.T.tolist()
        turns = self.tail.gradients_in_turn(activations, choices)
        for ranked, gradients in zip(choices, turns, strict=True):
            drawn = grad_cam_plus_plus(activations, gradients)
            for number, label in enumerate(ranked):
                maps[number][label] = views[number].pose.redo(drawn[number])
        return maps
