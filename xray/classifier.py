"""The one door: pictures in, predictions and heat maps out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .image import GrayImage, fit_square, stretch_contrast
from .network.card import Card, choose_weights, read_card
from .network.engine import Engine, EngineName, choose_engine, make_engine
from .network.gradcam import grad_cam_plus_plus
from .network.tail import Tail
from .network.weights import read_weights
from .prediction import Explanation, Prediction
from .radiograph import Radiograph
from .reading.files import read_file
from .reading.reading import read_radiograph
from .threads import keep_products_single
from .trust.confidence import softmax
from .trust.known import Known
from .trust.pose import UPRIGHT, Pose
from .trust.rejection import fault, is_unfamiliar
from .trust.second_look import Look, further_poses, is_stranger, together

Picture = GrayImage | Radiograph | bytes | str | Path
Item = TypeVar("Item")
BATCH = 8


class Classifier:
    """Says which body part a radiograph shows. Safe to share between threads.

    >>> classifier = Classifier.load()
    >>> prediction, = classifier.predict(["hand.png"])
    >>> prediction.part.english, prediction.band
    """

    def __init__(
        self,
        engine: Engine,
        tail: Tail,
        card: Card,
        known: Known | None = None,
    ) -> None:
        self.card = card
        self.engine = engine
        self._tail = tail
        self._known = known

    @classmethod
    def load(
        cls, weights: Path | None = None, engine: EngineName = "auto"
    ) -> "Classifier":
        """Load weights and their card.

        Args:
            weights: None is the light variant of the shipped weights, where it is
                as good, or else these.
            engine: As for `make_engine`.

        Raises:
            ModelError: Either is missing or damaged, or they don't belong together.
        """
        keep_products_single()
        name = choose_engine(engine)
        if weights is None:
            weights = choose_weights(light=name == "openvino")
        card = read_card(weights)
        arrays = read_weights(weights)
        known = Known.load(card.known) if card.known else None
        return cls(make_engine(engine, arrays), Tail(arrays), card, known)

    def predict(self, images: Sequence[Picture]) -> list[Prediction]:
        """Classify radiographs.

        Args:
            images: Paths, whole files as bytes, radiographs, or gray pictures
                (H, W) in [0, 1] with bone bright.

        Returns:
            One prediction an image, in their order.

        Raises:
            ImageError: One of them can't be read.
        """
        found = self.explain_all(images, top=0)
        return [explanation.prediction for explanation in found]

    def measure(
        self, images: Sequence[Picture], busy: bool = False
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Compute what calibration and rejection are fitted on.

        Args:
            images: As for `predict`.
            busy: As for `explain_all`.

        Returns:
            Logits (N, 22), and the pooled features (N, 1920).
        """
        logits, features = [], []
        for batch in _batches(images):
            seen = self.engine.look(_squares(batch), busy, maps=False)
            logits.append(self._tail.decide(seen.features))
            features.append(seen.features)
        return np.concatenate(logits), np.concatenate(features)

    def explain(self, image: Picture, label: int | None = None) -> Explanation:
        """Classify one radiograph and map what speaks for a body part.

        Args:
            image: As for `predict`.
            label: Class number to explain; None is the likeliest.
        """
        labels = None if label is None else [label]
        return self.explain_all([image], labels)[0]

    def explain_all(
        self,
        images: Sequence[Picture],
        labels: Sequence[int] | None = None,
        top: int = 1,
        busy: bool = False,
    ) -> list[Explanation]:
        """Classify radiographs and map them, in one pass through the trunk.

        Args:
            images: As for `predict`.
            labels: One class number an image to explain; None is the likeliest.
            top: How many of the likeliest parts to map, if `labels` is None; with
                0 there are no maps, and the gradient costs nothing.
            busy: Other threads call at the same time, as in `pipeline`.

        Returns:
            One explanation an image, in their order; maps are on the square.
        """
        found: list[Explanation] = []
        for batch in _batches(images):
            wanted = labels and labels[len(found) : len(found) + len(batch)]
            found += self._explain(batch, wanted, top, busy)
        return found

    def _explain(
        self,
        images: Sequence[Picture],
        labels: Sequence[int] | None,
        top: int,
        busy: bool,
    ) -> list[Explanation]:
        pictures = [_Picture.of(image) for image in images]
        looks = self._look(pictures, busy, maps=top > 0 or labels is not None)
        answers = [together(each) for each in looks]
        if labels is None:
            probabilities = np.stack([each for each, _ in answers])
            ranked = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
        else:
            ranked = np.asarray(labels)[:, None]
        maps = self._maps([look for _, look in answers], ranked)
        found = []
        for number, (probabilities, look) in enumerate(answers):
            picture = pictures[number]
            stranger = is_stranger(looks[number], look, probabilities)
            prediction = Prediction(
                probabilities,
                picture.fault or ("rejected_unfamiliar" if stranger else None),
                self.card.part_threshold,
                look.pose,
                len(looks[number]),
            )
            shape = picture.pixels.shape
            found.append(Explanation(prediction, maps[number], *shape))
        return found

    def _look(
        self, pictures: Sequence["_Picture"], busy: bool, maps: bool
    ) -> list[list[Look]]:
        """Look at every picture as it came, and at unsure ones in other poses."""
        came = [(picture, UPRIGHT) for picture in pictures]
        looks = [[first] for first in self._look_at(came, busy, maps)]
        again = [
            (number, pose)
            for number, picture in enumerate(pictures)
            if picture.fault is None
            for pose in further_poses(looks[number][0])
        ]
        for batch in _batches(again):
            posed = [(pictures[number], pose) for number, pose in batch]
            further = self._look_at(posed, busy, maps)
            for (number, _), look in zip(batch, further, strict=True):
                looks[number].append(look)
        return looks

    def _look_at(
        self, posed: Sequence[tuple["_Picture", Pose]], busy: bool, maps: bool
    ) -> list[Look]:
        """Run pictures through the network, each with a pose undone."""
        squares = np.stack([picture.lying(pose) for picture, pose in posed])
        seen = self.engine.look(squares * 2 - 1, busy, maps)
        logits = self._tail.decide(seen.features)
        probabilities = softmax(logits, self.card.temperature)
        unfamiliar = np.zeros(len(posed), bool)
        poses = None
        if self._known is not None:
            distances = self._known.familiarity.distances(seen.features)
            confidences = probabilities.max(axis=1)
            limits = self.card.rejection_thresholds
            unfamiliar = is_unfamiliar(distances, confidences, limits)
            if self._known.poses is not None:
                poses = self._known.poses.probabilities(seen.features)
        return [
            Look(
                pose,
                probabilities[number],
                bool(unfamiliar[number]),
                None if poses is None else poses[number],
                None if seen.activations is None else seen.activations[number],
            )
            for number, (_, pose) in enumerate(posed)
        ]

    def _maps(
        self, looks: Sequence[Look], labels: NDArray[np.intp]
    ) -> list[dict[int, NDArray[np.float32]]]:
        """Draw each picture's maps as it came: (N, K) class numbers, N looks."""
        maps: list[dict[int, NDArray[np.float32]]] = [{} for _ in looks]
        if labels.size == 0:
            return maps
        activations = np.stack(
            [look.activations for look in looks if look.activations is not None]
        )
        for ranked in labels.T.tolist():
            _, gradients = self._tail.gradients(activations, ranked)
            drawn = grad_cam_plus_plus(activations, gradients)
            for number, label in enumerate(ranked):
                maps[number][label] = looks[number].pose.redo(drawn[number])
        return maps


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """A picture on its way to the network."""

    pixels: GrayImage  # (H, W), [0, 1]
    square: GrayImage  # (256, 256), [0, 1]
    fault: str | None  # key of a message: why it is no radiograph

    def lying(self, pose: Pose) -> GrayImage:
        """Lay the square (256, 256) as it would be without a pose."""
        return self.square if pose is UPRIGHT else pose.undo(self.pixels, self.square)

    @classmethod
    def of(cls, image: Picture) -> "_Picture":
        radiograph = _read(image)
        if isinstance(radiograph, Radiograph):
            pixels, colored = radiograph.pixels, radiograph.facts.colored
        else:
            pixels, colored = radiograph, False
        square = stretch_contrast(fit_square(pixels))
        return cls(pixels, square, fault(pixels, square, colored))


def to_pixels(image: Picture) -> GrayImage:
    """Read whatever `Classifier.predict` takes into a gray picture (H, W)."""
    radiograph = _read(image)
    return radiograph.pixels if isinstance(radiograph, Radiograph) else radiograph


def _squares(images: Sequence[Picture]) -> NDArray[np.float32]:
    """Preprocess into one channel: (N, 256, 256), [-1, 1]."""
    return np.stack([_Picture.of(image).square for image in images]) * 2 - 1


def _read(image: Picture) -> Radiograph | GrayImage:
    if isinstance(image, str | Path):
        image = read_file(Path(image))
    return read_radiograph(image) if isinstance(image, bytes) else image


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
