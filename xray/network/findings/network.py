"""Findings beside the body part: fracture, metal and projection of a film.

EfficientNet-Lite2 at 384 pixels with three heads; read and compiled when it is first
asked, and only where someone wants it. For research, not for diagnosis.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...image import GrayImage, to_square
from ...threads import once
from ..openvino.cache import digest
from ..openvino.compiled import CompiledModels
from ..weights import has_ranges, read_weights
from .answer import FindingsAnswer
from .card import DEFAULT_FINDINGS, FindingsCard, read_findings_card

SIZE = 384  # side of its input in pixels


class FindingsNetwork:
    """A trained network of findings; may be shared between threads.

    Args:
        path: Its weights (.npz), with their card beside them.

    Raises:
        ModelError: The card is missing or damaged, or of other weights.
    """

    def __init__(self, path: Path = DEFAULT_FINDINGS) -> None:
        self.path = path
        self.card: FindingsCard = read_findings_card(path)
        self._models = once(self._build)

    def ask(
        self, images: Sequence[GrayImage], busy: bool = False
    ) -> list[FindingsAnswer]:
        """Answer films, whatever part they show: ask `card.covers` first."""
        models = self._models()
        if not images:
            return []
        squares = np.stack([to_square(image, SIZE) for image in images])
        found = models.when(busy).run(squares[:, None] * 2 - 1, (0, 1))
        return [
            self._answer(film, where[0])
            for film, where in zip(found[0], found[1], strict=True)
        ]

    def _answer(self, film: GrayImage, where: GrayImage) -> FindingsAnswer:
        card = self.card
        scaled = film[2:] / np.float32(card.projection_temperature)
        odds = np.exp(scaled - scaled.max())
        return FindingsAnswer(
            fracture=float(card.fracture.probability(film[0])),
            where=card.fracture.probability(where).astype(np.float32),
            hardware=float(card.hardware.probability(film[1])),
            projection=(odds / odds.sum()).astype(np.float32),
        )

    def _build(self) -> CompiledModels:
        from .graph import build

        weights = read_weights(self.path)
        exact = has_ranges(weights)  # float32 beside integers
        return CompiledModels(
            lambda: build(weights, SIZE).model(), SIZE, exact, digest(weights)
        )
