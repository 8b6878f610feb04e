"""Training by transfer: the loop over a recipe's epochs.

Pure Keras 3: set KERAS_BACKEND to run it on TensorFlow, PyTorch or JAX.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ...image import preprocess
from ...network.backbones import DENSENET201
from ...network.weights import Weights, read_weights
from .dataset import Film
from .densenet import build_model, get_weights, set_weights
from .efficientnet import build_efficientnet
from .loader import FilmLoader, cached_film, soft_labels
from .recipes import Phase, Recipe
from .run import TrainingRun
from .teachers import Teachers
from .torch_layers import use_torch_layers

AVERAGED_EVERY = 4  # batches between two updates: copying 80 MB costs time


def train(
    training: Sequence[Film],
    validation: Sequence[Film],
    out: Path,
    recipe: Recipe,
    *,
    start: Path | bool | None = None,
    seed: int = 0,
    mixed: bool = False,
    teachers: Teachers | None = None,
) -> Path:
    """Train, resuming where an earlier run with the same folder stopped.

    Args:
        training: Films to learn from.
        validation: Films that pick the best epoch; empty keeps the last.
        out: Folder for `best.npz`, the log, the curves and the checkpoint.
        recipe: How to train.
        start: Weights to start from: an .npz of this network, Keras' own
            ImageNet `notop` file (.h5), True to download ImageNet weights, or
            None for random ones.
        seed: Of every random choice.
        mixed: Compute in bfloat16, keep the weights in float32.
        teachers: Whose answers are a part of home films' labels.

    Returns:
        Path of the best weights.

    Raises:
        DatasetError: The folder holds a run of other films, another recipe or seed.
    """
    keras.utils.set_random_seed(seed)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if mixed else "float32")
    made_of = _identity((training, validation), recipe, start, seed, mixed)
    run = TrainingRun(out, made_of)
    learner: Learner | None = None
    for epoch in range(run.epoch, recipe.epochs):
        if run.stale > recipe.patience:
            break
        phase = recipe.phase(epoch)
        if learner is None or learner.size != phase.size:
            learner = Learner(phase.size, recipe, start, run, seed, teachers=teachers)
        loader = learner.loader(training, phase, epoch)
        row = learner.learn(loader, epoch)
        if validation:
            row |= learner.validate(validation, phase)
        run.checkpoint(learner.model, learner.model.optimizer, learner.average.values)
        run.record(row, learner.judged)
    return run.best


class MovingAverage(keras.callbacks.Callback):  # type: ignore[misc]
    """Keep an exponential moving average of all weights, statistics included.

    Args:
        network: Whose weights; the model that is fitted may be a part of it.
        decay: Share of the old average that is kept each batch, [0, 1).
        start: The average so far; None begins with the first weights seen.
    """

    def __init__(
        self, network: keras.Model, decay: float, start: Weights | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self.decay = decay
        self.values = None if start is None else dict(start)
        self._batches = 0

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002
        """Fold the current weights into the average."""
        self._batches += 1
        if self._batches % AVERAGED_EVERY:
            return
        current = get_weights(self.network)
        if self.values is None:
            self.values = {name: array.copy() for name, array in current.items()}
            return
        keep = np.float32(self.decay**AVERAGED_EVERY)
        for name, array in current.items():
            self.values[name] = keep * self.values[name] + (1 - keep) * array


class Learner:
    """The network at one picture size, with its optimizer and its average."""

    def __init__(
        self,
        size: int,
        recipe: Recipe,
        start: Path | bool | None,
        run: TrainingRun,
        seed: int,
        *,
        teachers: Teachers | None = None,
    ) -> None:
        self.size = size
        self.recipe = recipe
        self.seed = seed
        self.teachers = teachers
        self.model = _started(size, recipe, start, run.weights("last"))
        _compile(self.model, recipe)
        run.restore_optimizer(self.model)
        self.average = MovingAverage(self.model, recipe.average, run.weights("average"))

    def loader(self, films: Sequence[Film], phase: Phase, epoch: int) -> FilmLoader:
        """Make the batches of an epoch."""
        return FilmLoader(
            films, self.recipe, phase, epoch, self.seed, teachers=self.teachers
        )

    @property
    def judged(self) -> Weights:
        """The weights that count: the average where the recipe keeps one."""
        averaged = self.average.values if self.recipe.average else None
        return get_weights(self.model) if averaged is None else averaged

    def learn(self, loader: FilmLoader, epoch: int) -> dict[str, float]:
        """Train one epoch and return its row of the log."""
        self.seed_dropout(epoch)
        rate = self.recipe.rate(epoch)
        self.model.optimizer.learning_rate = rate
        title = f"epoch {epoch + 1}/{self.recipe.epochs} at {self.size} px"
        callbacks: list[keras.callbacks.Callback] = [_bar(len(loader), title)]
        if self.recipe.average:
            callbacks.append(self.average)
        # The loader has drawn the order; Keras' own shuffling would not resume.
        fitted = self.model.fit(loader, shuffle=False, verbose=0, callbacks=callbacks)
        logs = fitted.history
        return {
            "epoch": epoch + 1,
            "size": self.size,
            "learning_rate": rate,
            "loss": logs["loss"][-1],
            "accuracy": logs["categorical_accuracy"][-1],
        }

    def validate(self, films: Sequence[Film], phase: Phase) -> dict[str, float]:
        """Measure the judged weights: cross-entropy and any-label accuracy."""
        current = get_weights(self.model)
        set_weights(self.model, self.judged)
        answers = []
        for first in range(0, len(films), phase.batch):
            batch = films[first : first + phase.batch]
            answers.append(self.model.predict_on_batch(self._inputs(batch)))
        set_weights(self.model, current)
        probabilities = np.concatenate(answers)
        likeliest = probabilities.argmax(axis=1)
        right = [
            top in film.targets for top, film in zip(likeliest, films, strict=True)
        ]
        logs = np.log(np.maximum(probabilities, 1e-7))
        loss = -np.sum(soft_labels(films) * logs, axis=1)
        return {"val_loss": float(loss.mean()), "val_accuracy": float(np.mean(right))}

    def seed_dropout(self, epoch: int) -> None:
        """Draw an epoch's dropout from the seed, so that a resumed run repeats it."""
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([self.seed, epoch])

    def _inputs(self, films: Sequence[Film]) -> NDArray[np.float32]:
        squares = [preprocess(cached_film(film.path), self.size) for film in films]
        return np.stack(squares)


def _identity(
    films: tuple[Sequence[Film], Sequence[Film]],
    recipe: Recipe,
    start: Path | bool | None,
    seed: int,
    mixed: bool,
) -> dict[str, object]:
    """Say what tells one run from another, wherever its films and weights lie."""
    training, validation = (
        _digest(f"{film.path.name} {film.targets}" for film in each) for each in films
    )
    return {
        "films to learn from": training,
        "films that pick": validation,
        "recipe": _digest([repr(recipe)]),
        "start": start.name if isinstance(start, Path) else str(start),
        "seed": seed,
        "bfloat16": mixed,
    }


def _digest(lines: Iterable[str]) -> str:
    text = "\n".join(sorted(lines))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def _bar(batches: int, title: str) -> keras.callbacks.Callback:
    """Show a progress bar over the batches of one epoch."""
    bar = tqdm(total=batches, desc=title, unit="batch", mininterval=5)

    def step(_batch: int, logs: dict[str, float]) -> None:
        bar.set_postfix(loss=f"{logs['loss']:.3f}", refresh=False)
        bar.update()

    return keras.callbacks.LambdaCallback(
        on_train_batch_end=step, on_train_end=lambda _logs: bar.close()
    )


def _started(
    size: int, recipe: Recipe, start: Path | bool | None, weights: Weights | None
) -> keras.Model:
    """Build the network, with a checkpoint's weights or those to start from."""
    if weights is None and isinstance(start, Path) and start.suffix == ".npz":
        weights = read_weights(start)
    imagenet = start or False if weights is None else False
    is_first = recipe.network == DENSENET201
    build = build_model if is_first else build_efficientnet
    model = build(size, imagenet, recipe.dropout)
    if weights is not None:
        set_weights(model, weights)
    for layer in model.layers[: recipe.frozen_layers]:
        layer.trainable = False
    use_torch_layers(model)
    return model


def _compile(model: keras.Model, recipe: Recipe) -> None:
    optimizer: keras.Optimizer = (
        keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay)
        if recipe.optimizer == "adamw"
        else keras.optimizers.Adam(recipe.learning_rate)
    )
    # On a film with one label this is sparse categorical cross-entropy.
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)
    model.compile(optimizer, loss, metrics=["categorical_accuracy"], jit_compile=False)
