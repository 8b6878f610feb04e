"""Training by transfer: recipes, the film loader, the loop, its log and curves.

Pure Keras 3: set KERAS_BACKEND to run it on TensorFlow, PyTorch or JAX.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .augment import ORIGINAL, STRONG, Augmentation, augment
from .dataset import HOME, Film
from .image import GrayImage, NetworkInput, fit_square, preprocess, to_input
from .labels import BODY_PARTS
from .model import build_model, get_weights, save_model, set_weights
from .reading import read_image
from .weights import Weights, read_weights, write_weights

CACHED_SIDE = 384  # pixels; films are kept in memory at most this large


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of training at one picture size."""

    epochs: int
    size: int = 256
    batch: int = 32


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides how a network is trained, but the films."""

    phases: tuple[Phase, ...]
    optimizer: str  # "adam" or "adamw"
    learning_rate: float
    augmentation: Augmentation
    films_per_epoch: int | None = None  # None: every training film once
    frozen_layers: int = 0  # counted from the input
    cosine: bool = False  # learning rate falls to 0 along half a cosine
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    class_power: float = 0.0  # a film is drawn with (films of its class) ** -power
    home_share: float | None = None  # share of draws from the home source
    average: float = 0.0  # decay a batch of the weights' moving average
    patience: int = 5  # epochs without improvement before an early stop
    dropout: float = 0.0

    @property
    def epochs(self) -> int:
        """Number of epochs over all phases."""
        return sum(phase.epochs for phase in self.phases)

    def phase(self, epoch: int) -> Phase:
        """Find the phase an epoch belongs to."""
        for phase in self.phases:
            if epoch < phase.epochs:
                return phase
            epoch -= phase.epochs
        raise IndexError(epoch)

    def rate(self, epoch: int) -> float:
        """Learning rate of an epoch."""
        if not self.cosine:
            return self.learning_rate
        return self.learning_rate * 0.5 * (1 + np.cos(np.pi * epoch / self.epochs))


RECIPES: dict[str, Recipe] = {
    # The student's project this tool grew from.
    "original": Recipe(
        phases=(Phase(epochs=15, size=256, batch=32),),
        optimizer="adam",
        learning_rate=7e-4,
        augmentation=ORIGINAL,
        frozen_layers=600,
    ),
    # What made the shipped weights, starting from a radiograph network.
    "shipped": Recipe(
        phases=(Phase(9, 192, 24), Phase(4, 256, 20)),
        optimizer="adamw",
        learning_rate=3e-4,
        augmentation=STRONG,
        films_per_epoch=1920,
        cosine=True,
        weight_decay=0.02,
        label_smoothing=0.05,
        class_power=0.5,
        home_share=0.55,
        average=0.995,
        patience=13,
        dropout=0.2,
    ),
}


class FilmLoader(keras.utils.PyDataset):
    """Batches of augmented films, drawn anew each epoch from a seed."""

    def __init__(
        self, films: Sequence[Film], recipe: Recipe, phase: Phase, epoch: int, seed: int
    ) -> None:
        super().__init__(workers=1, max_queue_size=8)
        self.films = films
        self.recipe = recipe
        self.phase = phase
        self.seed = (seed, epoch)
        random = np.random.default_rng(self.seed)
        count = recipe.films_per_epoch or len(films)
        if recipe.films_per_epoch is None:
            self.order = random.permutation(len(films))
        else:
            self.order = random.choice(len(films), count, p=draw_weights(films, recipe))

    def __len__(self) -> int:
        return -(-len(self.order) // self.phase.batch)

    def __getitem__(self, index: int) -> tuple[NetworkInput, NDArray[np.float32]]:
        batch = self.phase.batch
        random = np.random.default_rng((*self.seed, index))
        chosen = [
            self.films[i] for i in self.order[index * batch : (index + 1) * batch]
        ]
        size, how = self.phase.size, self.recipe.augmentation
        pictures = [
            to_input(augment(_cached(film.path), size, how, random)) for film in chosen
        ]
        return np.stack(pictures), targets(chosen)


def draw_weights(films: Sequence[Film], recipe: Recipe) -> NDArray[np.float64]:
    """Probability of drawing each film: rare classes and the home source first."""
    main = np.array([film.targets[0] for film in films])
    home = np.array([film.source == HOME for film in films])
    counts = np.bincount(main, minlength=len(BODY_PARTS))
    weights = counts[main] ** -float(recipe.class_power)
    if recipe.home_share is not None and home.any() and not home.all():
        weights[home] *= recipe.home_share / weights[home].sum()
        weights[~home] *= (1 - recipe.home_share) / weights[~home].sum()
    return np.asarray(weights / weights.sum())


def targets(films: Sequence[Film]) -> NDArray[np.float32]:
    """Soft labels: a film's parts share 1 between them, (N, 22)."""
    soft = np.zeros((len(films), len(BODY_PARTS)), np.float32)
    for row, film in zip(soft, films, strict=True):
        row[list(film.targets)] = 1 / len(film.targets)
    return soft


_CACHE: dict[Path, NDArray[np.uint8]] = {}


def _cached(path: Path) -> GrayImage:
    """Read a film once; keep it small, in 8 bits."""
    if path not in _CACHE:
        image = read_image(path)
        if max(image.shape) > CACHED_SIDE:
            image = fit_square(image, CACHED_SIDE)
        _CACHE[path] = np.round(image * 255).astype(np.uint8)
    return _CACHE[path].astype(np.float32) / np.float32(255)


class MovingAverage(keras.callbacks.Callback):
    """Keep an exponential moving average of all weights, statistics included."""

    def __init__(self, decay: float, start: Weights | None = None) -> None:
        super().__init__()
        self.decay = decay
        self.values = None if start is None else dict(start)
        self.steps = 0
        self.every = 4  # batches between two updates: copying 80 MB costs time

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Fold the current weights into the average."""
        self.steps += 1
        if self.steps % self.every:
            return
        current = get_weights(self.model)
        if self.values is None:
            self.values = {name: array.copy() for name, array in current.items()}
            return
        keep = np.float32(self.decay**self.every)
        for name, array in current.items():
            mean = self.values[name]
            mean *= keep
            mean += (1 - keep) * array


class _Bar(keras.callbacks.Callback):
    """A progress bar over the batches of one epoch."""

    def __init__(self, batches: int, title: str) -> None:
        super().__init__()
        self.bar = tqdm(total=batches, desc=title, unit="batch", mininterval=5)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.bar.set_postfix(loss=f"{(logs or {}).get('loss', 0):.3f}", refresh=False)
        self.bar.update()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.bar.close()


def train(
    training: Sequence[Film],
    validation: Sequence[Film],
    out: Path,
    recipe: Recipe,
    start: Path | bool | None = None,
    seed: int = 0,
    mixed: bool = False,
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

    Returns:
        Path of the best weights.
    """
    keras.utils.set_random_seed(seed)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if mixed else "float32")
    out.mkdir(parents=True, exist_ok=True)
    run = _Run(out)
    model = None
    for epoch in range(run.epoch, recipe.epochs):
        phase = recipe.phase(epoch)
        if model is None or model.input_shape[1] != phase.size:
            if model is not None:
                run.checkpoint(model, average.values)
            model = _compiled(phase.size, recipe, start, run.weights("last"))
            run.restore_optimizer(model)
            average = MovingAverage(recipe.average, run.weights("average"))
        model.optimizer.learning_rate = recipe.rate(epoch)
        loader = FilmLoader(training, recipe, phase, epoch, seed)
        title = f"epoch {epoch + 1}/{recipe.epochs} at {phase.size} px"
        callbacks = [_Bar(len(loader), title), *([average] if recipe.average else [])]
        logs = model.fit(loader, verbose=0, callbacks=callbacks).history
        current = get_weights(model)
        judged = average.values if recipe.average else current
        row = {
            "epoch": epoch + 1,
            "size": phase.size,
            "learning_rate": recipe.rate(epoch),
            "loss": logs["loss"][-1],
            "accuracy": logs["categorical_accuracy"][-1],
        }
        if validation and judged is not None:
            row |= _validate(model, judged, current, validation, phase)
        run.checkpoint(model, average.values)
        run.record(row, judged or current)
        if run.stale > recipe.patience:
            break
    return run.best


def _compiled(
    size: int, recipe: Recipe, start: Path | bool | None, weights: Weights | None
) -> keras.Model:
    is_ours = isinstance(start, Path) and start.suffix == ".npz"
    imagenet = False if is_ours or weights is not None else start or False
    model = build_model(size, imagenet, recipe.dropout)
    if weights is not None:
        set_weights(model, weights)
    elif is_ours:
        set_weights(model, read_weights(start))
    for layer in model.layers[: recipe.frozen_layers]:
        layer.trainable = False
    optimizer: keras.Optimizer = (
        keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay)
        if recipe.optimizer == "adamw"
        else keras.optimizers.Adam(recipe.learning_rate)
    )
    # On a film with one label this is sparse categorical cross-entropy.
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)
    model.compile(optimizer, loss, metrics=["categorical_accuracy"], jit_compile=False)
    return model


def _validate(
    model: keras.Model,
    judged: Weights,
    current: Weights,
    films: Sequence[Film],
    phase: Phase,
) -> dict[str, float]:
    set_weights(model, judged)
    batches = [
        films[i : i + phase.batch] for i in range(0, len(films), phase.batch)
    ]
    probabilities = np.concatenate(
        [
            keras.ops.convert_to_numpy(model.predict_on_batch(
                np.stack([preprocess(_cached(f.path), phase.size) for f in batch])
            ))
            for batch in batches
        ]
    )
    set_weights(model, current)
    best = probabilities.argmax(axis=1)
    right = [top in film.targets for top, film in zip(best, films, strict=True)]
    truth = targets(films)
    loss = -np.sum(truth * np.log(np.maximum(probabilities, 1e-7)), axis=1)
    return {"val_loss": float(loss.mean()), "val_accuracy": float(np.mean(right))}


class _Run:
    """What a training run keeps on disk: log, checkpoint, best weights, curves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.best = folder / "best.npz"
        self.log = folder / "log.csv"
        self.state = folder / "state.json"
        known = json.loads(self.state.read_text()) if self.state.is_file() else {}
        self.epoch: int = known.get("epoch", 0)
        self.best_accuracy: float = known.get("best_accuracy", -1.0)
        self.best_loss: float = known.get("best_loss", float("inf"))
        self.stale: int = known.get("stale", 0)

    def weights(self, name: str) -> Weights | None:
        """Read the checkpoint's current ("last") or "average" weights."""
        path = self.folder / f"{name}.npz"
        return read_weights(path) if path.is_file() else None

    def checkpoint(self, model: keras.Model, average: Weights | None) -> None:
        """Write everything a later run needs to go on, in full precision."""
        optimizer: dict[str, NDArray[np.float32]] = {}
        model.optimizer.save_own_variables(optimizer)
        _write(self.folder / "last.npz", get_weights(model))
        _write(self.folder / "optimizer.npz", optimizer)
        if average is not None:
            _write(self.folder / "average.npz", average)

    def restore_optimizer(self, model: keras.Model) -> None:
        """Give a rebuilt model the optimizer's moments and step count back."""
        path = self.folder / "optimizer.npz"
        if path.is_file():
            model.optimizer.build(model.trainable_variables)
            with np.load(path) as store:
                model.optimizer.load_own_variables(store)

    def record(self, row: dict[str, float], judged: Weights) -> None:
        """Log an epoch, and keep its weights if they are the best so far."""
        accuracy = row.get("val_accuracy", float(self.epoch))
        loss = row.get("val_loss", 0.0)
        better = (accuracy, -loss) > (self.best_accuracy, -self.best_loss)
        self.stale = 0 if better else self.stale + 1
        if better:
            self.best_accuracy, self.best_loss = accuracy, loss
            write_weights(self.best, judged)
        new = not self.log.is_file()
        with self.log.open("a", newline="") as file:
            writer = csv.DictWriter(file, row)
            if new:
                writer.writeheader()
            writer.writerow(row)
        self.epoch = int(row["epoch"])
        self.state.write_text(
            json.dumps(
                {
                    "epoch": self.epoch,
                    "best_accuracy": self.best_accuracy,
                    "best_loss": self.best_loss,
                    "stale": self.stale,
                }
            )
        )
        tqdm.write("  ".join(f"{k} {v:.4g}" for k, v in row.items()))


def _write(path: Path, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, allow_pickle=False, **arrays)
    partial.replace(path)
