"""Training by transfer: networks that name the body part."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ...image import preprocess
from ...network.backbones import DENSENET201
from .dataset import Film
from .densenet import build_model
from .efficientnet import build_efficientnet
from .learner import Learner, digest
from .loader import FilmLoader, cached_film, soft_labels
from .recipes import Phase, Recipe
from .teachers import Teachers


@dataclass(frozen=True)
class BodyParts:
    """The task of naming one of 22 parts."""

    training: Sequence[Film]
    validation: Sequence[Film]  # pick the best epoch; empty keeps the last
    recipe: Recipe
    teachers: Teachers | None = None  # whose answers are a part of home films' labels
    accuracy: str = "categorical_accuracy"

    def films(self) -> dict[str, object]:
        """Say which films teach, and which pick."""
        teach, pick = (
            digest(f"{film.path.name} {film.targets}" for film in films)
            for films in (self.training, self.validation)
        )
        return {"films to learn from": teach, "films that pick": pick}

    def build(self, size: int, imagenet: bool | Path) -> keras.Model:
        """Build the recipe's backbone, its first layers frozen as the recipe says."""
        is_first = self.recipe.network == DENSENET201
        build = build_model if is_first else build_efficientnet
        model = build(size, imagenet, self.recipe.dropout)
        for layer in model.layers[: self.recipe.frozen_layers]:
            layer.trainable = False
        return model

    def goal(self) -> dict[str, Any]:
        """Make the loss: on a film with one label, sparse categorical cross-entropy."""
        smoothing = self.recipe.label_smoothing
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
        return {"loss": loss, "metrics": [self.accuracy]}

    def loader(self, phase: Phase, epoch: int, seed: int) -> FilmLoader:
        """Make the batches of an epoch."""
        return FilmLoader(
            self.training, self.recipe, phase, epoch, seed, teachers=self.teachers
        )

    def validate(self, learner: Learner, phase: Phase) -> dict[str, float]:
        """Measure cross-entropy and any-label accuracy on the films that pick."""
        films = self.validation
        if not films:
            return {}
        probabilities = learner.predict(
            np.stack(
                [
                    preprocess(cached_film(film.path), phase.size)
                    for film in films[first : first + phase.batch]
                ]
            )
            for first in range(0, len(films), phase.batch)
        )
        likeliest = probabilities.argmax(axis=1)
        right = [
            top in film.targets for top, film in zip(likeliest, films, strict=True)
        ]
        logs = np.log(np.maximum(probabilities, 1e-7))
        loss = -np.sum(soft_labels(films) * logs, axis=1)
        return {"val_loss": float(loss.mean()), "val_accuracy": float(np.mean(right))}
