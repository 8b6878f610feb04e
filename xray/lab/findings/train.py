"""Training of the network of findings: the loop over a recipe's epochs."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
from tqdm import tqdm

from ...network.weights import read_weights
from ..training.densenet import get_weights, set_weights
from ..training.recipes import STURDY, Phase, Recipe
from ..training.run import TrainingRun
from ..training.torch_layers import use_torch_layers
from ..training.train import MovingAverage
from .films import MarkedFilm
from .loader import MarkedLoader
from .network import build_findings, freeze

RECIPE = Recipe(
    phases=(Phase(epochs=5, size=256, batch=24), Phase(epochs=2, size=384, batch=12)),
    optimizer="adamw",
    learning_rate=6e-4,
    augmentation=replace(
        STURDY,
        rotation=20,
        right_angles=0.3,
        zoom=(0.8, 1.3),
        aspect=1.1,
        gamma=1.5,
        contrast=0.1,
        invert=0.05,
        collimate=0.1,
        erase=0.0,
        metal=0.12,
    ),
    films_per_epoch=1800,
    network="findings",
    cosine=True,
    weight_decay=0.03,
    average=0.99,
    dropout=0.3,
)
# What follows for the network that is shipped, each from what the one before made.
FURTHER = tuple(
    replace(RECIPE, phases=(Phase(epochs, size=384, batch=12),), learning_rate=rate)
    for epochs, rate in ((8, 4e-4), (5, 2.5e-4))
)
HARDWARE_COUNTS = 0.3  # times as much as the fracture
PROJECTION_COUNTS = 0.5
SMOOTHING = 0.05  # of the projections' labels


def train(
    films: Sequence[MarkedFilm],
    out: Path,
    *,
    start: Path,
    recipe: Recipe = RECIPE,
    seed: int = 0,
    mixed: bool = False,
) -> Path:
    """Train, resuming where an earlier run with the same folder stopped.

    Args:
        films: To learn from.
        out: Folder for `best.npz`, the log, the curves and the checkpoint.
        start: An .npz of this network, or ImageNet weights as `build_efficientnet`
            reads them.
        recipe: How to train.
        seed: Of every random choice.
        mixed: Compute in bfloat16, keep the weights in float32.

    Returns:
        Path of the weights: the average over the last batches.

    Raises:
        DatasetError: The folder holds a run of other films, another recipe or seed.
    """
    keras.utils.set_random_seed(seed)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if mixed else "float32")
    lines = sorted(film.path.name for film in films)
    made_of = {"films": _digest(lines), "recipe": _digest([repr(recipe)]), "seed": seed}
    run = TrainingRun(out, made_of)
    model, size = None, 0
    for epoch in range(run.epoch, recipe.epochs):
        phase = recipe.phase(epoch)
        if model is None or phase.size != size:
            model, size = _started(recipe, phase.size, start, run), phase.size
            average = MovingAverage(model, recipe.average, run.weights("average"))
        loader = MarkedLoader(films, recipe, phase, epoch, seed)
        rate = recipe.rate(epoch)
        model.optimizer.learning_rate = rate
        bar = tqdm(total=len(loader), desc=f"epoch {epoch + 1}", mininterval=10)
        step = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda _batch, logs, bar=bar: _step(bar, logs)
        )
        fitted = model.fit(loader, shuffle=False, verbose=0, callbacks=[step, average])
        bar.close()
        logs = {name: values[-1] for name, values in fitted.history.items()}
        row = {"epoch": epoch + 1, "size": size, "learning_rate": rate, **logs}
        row["accuracy"] = logs.get("film_is_right", 0.0)
        run.checkpoint(model, model.optimizer, average.values)
        run.record(row, average.values or get_weights(model))
    return run.best


def _step(bar: Any, logs: dict[str, float]) -> None:
    bar.set_postfix(loss=f"{logs['loss']:.3f}", refresh=False)
    bar.update()


def _started(recipe: Recipe, size: int, start: Path, run: TrainingRun) -> keras.Model:
    weights = run.weights("last")
    if weights is None and start.suffix == ".npz":
        weights = read_weights(start)
    imagenet = start if weights is None else False
    model = build_findings(size, imagenet, recipe.dropout)
    if weights is not None:
        set_weights(model, weights)
    freeze(model)
    use_torch_layers(model)
    model.compile(
        keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay),
        loss={"where": where_loss, "film": film_loss},
        metrics={"film": [is_right]},
        jit_compile=False,
    )
    run.restore_optimizer(model)
    return model


def where_loss(targets: Any, logits: Any) -> Any:
    """Focal loss over the clear cells, for each cell that shows a fracture.

    Lin et al. 2017, arXiv 1708.02002, equation 5, with gamma 2 and alpha 0.75.
    """
    ops = keras.ops
    targets, logits = (ops.cast(each, "float32") for each in (targets, logits))
    clear = ops.cast(targets >= 0, "float32")
    probability = ops.sigmoid(logits)
    of_class = targets * probability + (1 - targets) * (1 - probability)
    alpha = targets * 0.75 + (1 - targets) * 0.25
    loss = alpha * (1 - of_class) ** 2 * _crossentropy(targets, logits) * clear
    shown = ops.sum(ops.cast(targets == 1, "float32"), axis=(1, 2, 3))
    return ops.sum(loss, axis=(1, 2, 3)) / (1 + shown)


def film_loss(targets: Any, logits: Any) -> Any:
    """Cross-entropy of fracture, hardware and projection, each counted apart."""
    ops = keras.ops
    clear = ops.cast(targets[:, 0] >= 0, "float32")
    fracture = clear * _crossentropy(targets[:, 0], logits[:, 0])
    hardware = _crossentropy(targets[:, 1], logits[:, 1])
    smooth = targets[:, 2:] * (1 - SMOOTHING) + SMOOTHING / 4
    projection = -ops.sum(smooth * ops.log_softmax(logits[:, 2:]), axis=1)
    return fracture + HARDWARE_COUNTS * hardware + PROJECTION_COUNTS * projection


def is_right(targets: Any, logits: Any) -> Any:
    """Share of films whose fracture is seen or rightly not seen."""
    ops = keras.ops
    return ops.cast((logits[:, 0] > 0) == (targets[:, 0] > 0), "float32")


def _crossentropy(targets: Any, logits: Any) -> Any:
    ops = keras.ops
    return ops.softplus(-logits) * targets + ops.softplus(logits) * (1 - targets)


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
