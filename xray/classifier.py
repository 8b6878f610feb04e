"""The one door: pictures in, predictions and heat maps out."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .card import Card, read_card
from .confidence import softmax
from .engine import Engine, EngineName, make_engine
from .files import read_file
from .gradcam import grad_cam_plus_plus
from .image import GrayImage, fit_square, stretch_contrast
from .prediction import Explanation, Prediction
from .radiograph import Radiograph
from .reading import read_radiograph
from .tail import Tail
from .weights import DEFAULT_WEIGHTS, read_weights

Picture = GrayImage | Radiograph | bytes | str | Path
BATCH = 8


class Classifier:
    """Says which body part a radiograph shows. Safe to share between threads.

    >>> classifier = Classifier.load()
    >>> prediction, = classifier.predict(["hand.png"])
    >>> prediction.part.english, prediction.band
    """

    def __init__(self, engine: Engine, tail: Tail, card: Card) -> None:
        self.card = card
        self.engine = engine
        self._tail = tail

    @classmethod
    def load(
        cls, weights: Path = DEFAULT_WEIGHTS, engine: EngineName = "auto"
    ) -> "Classifier":
        """Load weights and their card.

        Raises:
            ModelError: Either is missing or damaged, or they don't belong together.
        """
        card = read_card(weights)
        arrays = read_weights(weights)
        return cls(make_engine(engine, arrays), Tail(arrays), card)

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
        found: list[Prediction] = []
        for batch in _batches(images):
            logits = self._tail.logits(self.engine.activations(_squares(batch)))
            found += [self._prediction(row) for row in logits]
        return found

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
            pictures = [to_pixels(image) for image in batch]
            activations = self.engine.activations(_squares(pictures), busy)
            chosen = None
            if labels is not None:
                chosen = labels[len(found) : len(found) + len(batch)]
            for picture, (logits, maps) in zip(
                pictures, self._maps(activations, chosen, top), strict=True
            ):
                height, width = picture.shape
                prediction = self._prediction(logits)
                found.append(Explanation(prediction, maps, height, width))
        return found

    def _maps(
        self,
        activations: NDArray[np.float32],
        labels: Sequence[int] | None,
        top: int,
    ) -> list[tuple[NDArray[np.float32], dict[int, NDArray[np.float32]]]]:
        if labels is None and top == 0:
            return [(logits, {}) for logits in self._tail.logits(activations)]
        logits, gradients = self._tail.gradients(activations, labels)
        first = logits.argmax(axis=1) if labels is None else np.asarray(labels)
        maps = grad_cam_plus_plus(activations, gradients)
        found = [
            (row, {int(label): each})
            for row, label, each in zip(logits, first, maps, strict=True)
        ]
        order = np.argsort(-logits, axis=1, kind="stable")
        for rank in range(1, top if labels is None else 1):
            _, gradients = self._tail.gradients(activations, order[:, rank].tolist())
            maps = grad_cam_plus_plus(activations, gradients)
            for (_, known), label, each in zip(
                found, order[:, rank], maps, strict=True
            ):
                known[int(label)] = each
        return found

    def _prediction(self, logits: NDArray[np.float32]) -> Prediction:
        return Prediction(softmax(logits, self.card.temperature))


def to_pixels(image: Picture) -> GrayImage:
    """Read whatever `Classifier.predict` takes into a gray picture (H, W)."""
    if isinstance(image, str | Path):
        image = read_file(Path(image))
    if isinstance(image, bytes):
        image = read_radiograph(image)
    return image.pixels if isinstance(image, Radiograph) else image


def _squares(images: Sequence[Picture]) -> NDArray[np.float32]:
    """Preprocess into one channel: (N, 256, 256), [-1, 1]."""
    return np.stack(
        [stretch_contrast(fit_square(to_pixels(image))) * 2 - 1 for image in images]
    )


def _batches(images: Sequence[Picture]) -> Iterator[Sequence[Picture]]:
    for start in range(0, len(images), BATCH):
        yield images[start : start + BATCH]
