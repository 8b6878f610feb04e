"""The one door: pictures in, predictions and heat maps out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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
from .trust.rejection import Familiarity, fault

Picture = GrayImage | Radiograph | bytes | str | Path
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
        familiarity: Familiarity | None = None,
    ) -> None:
        self.card = card
        self.engine = engine
        self._tail = tail
        self._familiarity = familiarity

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
        known = Familiarity.load(card.known) if card.known else None
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
            pictures = [_Picture.of(image) for image in batch]
            squares = np.stack([picture.square for picture in pictures])
            wanted = top > 0 or labels is not None
            seen = self.engine.look(squares * 2 - 1, busy, maps=wanted)
            logits = self._tail.decide(seen.features)
            chosen = labels and labels[len(found) : len(found) + len(batch)]
            maps = self._maps(seen.activations, logits, chosen, top)
            predictions = self._predictions(pictures, logits, seen.features)
            found += [
                Explanation(prediction, each, *picture.pixels.shape)
                for picture, prediction, each in zip(
                    pictures, predictions, maps, strict=True
                )
            ]
        return found

    def _maps(
        self,
        activations: NDArray[np.float32] | None,
        logits: NDArray[np.float32],
        labels: Sequence[int] | None,
        top: int,
    ) -> list[dict[int, NDArray[np.float32]]]:
        """Draw each image's maps, by class number."""
        maps: list[dict[int, NDArray[np.float32]]] = [{} for _ in logits]
        if activations is None:
            return maps
        wanted = np.argsort(-logits, axis=1, kind="stable")[:, :top]
        if labels is not None:
            wanted = np.asarray(labels)[:, None]
        for ranked in wanted.T.tolist():
            _, gradients = self._tail.gradients(activations, ranked)
            drawn = grad_cam_plus_plus(activations, gradients)
            for known, label, each in zip(maps, ranked, drawn, strict=True):
                known[label] = each
        return maps

    def _predictions(
        self,
        pictures: Sequence["_Picture"],
        logits: NDArray[np.float32],
        features: NDArray[np.float32],
    ) -> list[Prediction]:
        probabilities = softmax(logits, self.card.temperature)
        unfamiliar = self._unfamiliar(features)
        return [
            Prediction(
                row,
                picture.fault or ("rejected_unfamiliar" if strange else None),
                self.card.part_threshold,
            )
            for row, picture, strange in zip(
                probabilities, pictures, unfamiliar, strict=True
            )
        ]

    def _unfamiliar(self, features: NDArray[np.float32]) -> NDArray[np.bool_]:
        if self._familiarity is None:
            return np.zeros(len(features), bool)
        distances = self._familiarity.distances(features)
        return distances > self.card.rejection_threshold


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """A picture on its way to the network."""

    pixels: GrayImage  # (H, W), [0, 1]
    square: GrayImage  # (256, 256), [0, 1]
    fault: str | None  # key of a message: why it is no radiograph

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


def _batches(images: Sequence[Picture]) -> Iterator[Sequence[Picture]]:
    for start in range(0, len(images), BATCH):
        yield images[start : start + BATCH]
