"""The loop over a recipe's epochs, whatever a network learns.

Pure Keras 3: set KERAS_BACKEND to run it on TensorFlow, PyTorch or JAX.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ...network.weights import Weights, read_weights
from .densenet import get_weights, set_weights
from .recipes import Phase, Recipe
from .run import TrainingRun
from .torch_layers import use_torch_layers

AVERAGED_EVERY = 4  # batches between two updates: copying 80 MB costs time


class Task(Protocol):
    """What a network learns, and from which films."""

    @property
    def accuracy(self) -> str:
        """The metric that the log calls so."""

    @property
    def recipe(self) -> Recipe:
        """How to train."""

    def films(self) -> Mapping[str, object]:
        """Say what tells its films from others, for a run that is to go on."""

    def build(self, size: int, imagenet: bool | Path) -> keras.Model:
        """Build the network, with the layers frozen that stay as they are.

        Args:
            size: Side of the square input in pixels.
            imagenet: Where its ImageNet weights come from, as the builders take it.
        """

    def goal(self) -> dict[str, Any]:
        """Make the loss and the metrics, as `keras.Model.compile` takes them."""

    def loader(self, phase: Phase, epoch: int, seed: int) -> keras.utils.PyDataset:
        """Make the batches of an epoch."""

    def validate(self, learner: "Learner", phase: Phase) -> dict[str, float]:
        """Measure the judged weights: columns of the log; none where none are kept."""


def learn(
    task: Task,
    out: Path,
    *,
    start: Path | bool | None = None,
    seed: int = 0,
    mixed: bool = False,
) -> Path:
    """Train, resuming where an earlier run with the same folder stopped.

    Args:
        task: What to learn.
        out: Folder for `best.npz`, the log, the curves and the checkpoint.
        start: Weights to start from: an .npz of this network, a file of ImageNet
            weights, True to download those, or None for random ones.
        seed: Of every random choice.
        mixed: Compute in bfloat16, keep the weights in float32.

    Returns:
        Path of the best weights.

    Raises:
        DatasetError: The folder holds a run of other films, another recipe or seed.
    """
    keras.utils.set_random_seed(seed)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if mixed else "float32")
    recipe = task.recipe
    made_of = {
        **task.films(),
        "recipe": digest([repr(recipe)]),
        "start": start.name if isinstance(start, Path) else str(start),
        "seed": seed,
        "bfloat16": mixed,
    }
    run = TrainingRun(out, made_of)
    learner: Learner | None = None
    for epoch in range(run.epoch, recipe.epochs):
        if run.stale > recipe.patience:
            break
        phase = recipe.phase(epoch)
        if learner is None or learner.size != phase.size:
            learner = Learner(phase.size, task, start, run, seed)
        row = learner.learn(task.loader(phase, epoch, seed), epoch)
        row |= task.validate(learner, phase)
        run.checkpoint(learner.model, learner.model.optimizer, learner.average.values)
        run.record(row, learner.judged)
    return run.best


def digest(lines: Iterable[str]) -> str:
    """Tell one list of lines from another, in whatever order."""
    text = "\n".join(sorted(lines))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


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
        task: Task,
        start: Path | bool | None,
        run: TrainingRun,
        seed: int,
    ) -> None:
        self.size = size
        self.task = task
        self.seed = seed
        recipe = task.recipe
        self.model = _started(size, task, start, run.weights("last"))
        self.model.compile(_optimizer(recipe), jit_compile=False, **task.goal())
        run.restore_optimizer(self.model)
        self.average = MovingAverage(self.model, recipe.average, run.weights("average"))

    @property
    def judged(self) -> Weights:
        """The weights that count: the average where the recipe keeps one."""
        averaged = self.average.values if self.task.recipe.average else None
        return get_weights(self.model) if averaged is None else averaged

    def learn(self, loader: keras.utils.PyDataset, epoch: int) -> dict[str, float]:
        """Train one epoch and return its row of the log."""
        self.seed_dropout(epoch)
        recipe = self.task.recipe
        rate = recipe.rate(epoch)
        self.model.optimizer.learning_rate = rate
        title = f"epoch {epoch + 1}/{recipe.epochs} at {self.size} px"
        callbacks: list[keras.callbacks.Callback] = [_bar(len(loader), title)]
        if recipe.average:
            callbacks.append(self.average)
        # The loader has drawn the order; Keras' own shuffling would not resume.
        fitted = self.model.fit(loader, shuffle=False, verbose=0, callbacks=callbacks)
        logs = fitted.history
        return {
            "epoch": epoch + 1,
            "size": self.size,
            "learning_rate": rate,
            "loss": logs["loss"][-1],
            "accuracy": logs[self.task.accuracy][-1],
        }

    def predict(self, batches: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Let the judged weights answer pictures, batch by batch."""
        current = get_weights(self.model)
        set_weights(self.model, self.judged)
        answers = [self.model.predict_on_batch(batch) for batch in batches]
        set_weights(self.model, current)
        return np.concatenate(answers)

    def seed_dropout(self, epoch: int) -> None:
        """Draw an epoch's dropout from the seed, so that a resumed run repeats it."""
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([self.seed, epoch])


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
    size: int, task: Task, start: Path | bool | None, weights: Weights | None
) -> keras.Model:
    """Build the network, with a checkpoint's weights or those to start from."""
    if weights is None and isinstance(start, Path) and start.suffix == ".npz":
        weights = read_weights(start)
    model = task.build(size, start or False if weights is None else False)
    if weights is not None:
        set_weights(model, weights)
    use_torch_layers(model)
    return model


def _optimizer(recipe: Recipe) -> keras.Optimizer:
    if recipe.optimizer == "adamw":
        decay = recipe.weight_decay
        return keras.optimizers.AdamW(recipe.learning_rate, weight_decay=decay)
    return keras.optimizers.Adam(recipe.learning_rate)
