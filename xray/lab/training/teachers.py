"""Distillation: what trained networks say of films that they were kept from.

Beyer et al. 2022, arXiv 2106.05237: teacher and pupil see the same part of the film.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...classify.trust.confidence import softmax
from ...image import GrayImage
from ...network.efficientnet.graph import build
from ...network.ensemble import SIZE
from ...network.openvino.compiled import CompiledModel
from ...network.weights import read_weights
from .dataset import FOLDS, Film

Labels = NDArray[np.float32]


class Teachers:
    """EfficientNets that were each trained without another fold of patients.

    Args:
        models: In order of the folds that they were kept from.
    """

    def __init__(self, models: Sequence[CompiledModel]) -> None:
        self._models = models

    @classmethod
    def read(cls, folder: Path) -> "Teachers":
        """Read efficientnet_fold0.npz to efficientnet_fold4.npz.

        Raises:
            ModelError: One of them can't be read.
        """
        paths = [folder / f"efficientnet_fold{fold}.npz" for fold in range(FOLDS)]
        graphs = [build(read_weights(path), SIZE) for path in paths]
        return cls(
            [CompiledModel(each.model, SIZE, "LATENCY", exact=True) for each in graphs]
        )

    def teach(
        self,
        labels: Labels,
        films: Sequence[Film],
        squares: Sequence[GrayImage],
        share: float,
    ) -> Labels:
        """Let them say a share of home films' labels.

        Args:
            labels: (N, 22).
            films: Each is answered by the one that was kept from its fold; of a film
                without a fold, which all have learned from, the label stays.
            squares: (192, 192), [0, 1], what is seen of each film.
            share: Of the label.
        """
        taught = labels.copy()
        for number, film in enumerate(films):
            if film.fold is not None:
                said = self._answer(film.fold, squares[number])
                taught[number] += np.float32(share) * (said - labels[number])
        return taught

    def _answer(self, fold: int, square: GrayImage) -> Labels:
        picture = square[None, None].astype(np.float32) * 2 - 1
        logits = self._models[fold].run(picture, (0,))[0]
        return np.asarray(softmax(logits)[0])
