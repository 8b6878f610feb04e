"""What a training run keeps in its folder: log, curves, checkpoint, best weights.

A run that was stopped, even killed, goes on from the last whole epoch.
"""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ...errors import DatasetError
from ...network.weights import Weights, read_weights
from ..writing import write_weights
from .densenet import get_weights
from .log import LOG, draw_curves


class TrainingRun:
    """The folder of a run, and how far the run in it has come.

    Args:
        folder: Made if it is missing.
        made_of: What the run is of; nothing else may go on in its folder.

    Raises:
        DatasetError: Another run is in the folder.
    """

    def __init__(self, folder: Path, made_of: Mapping[str, object]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.made_of = dict(made_of)
        self.folder = folder
        self.best = folder / "best.npz"
        self.log = folder / LOG
        self.state = folder / "state.json"
        known = json.loads(self.state.read_text()) if self.state.is_file() else {}
        self._require_same(known.get("made_of", self.made_of))
        self.epoch: int = known.get("epoch", 0)  # whole epochs done
        self.best_accuracy: float = known.get("best_accuracy", -1.0)
        self.best_loss: float = known.get("best_loss", float("inf"))
        self.stale: int = known.get("stale", 0)  # epochs since the best one

    def weights(self, name: str) -> Weights | None:
        """Read the checkpoint's current ("last") or "average" weights."""
        path = self.folder / f"{name}.npz"
        return read_weights(path) if path.is_file() else None

    def checkpoint(
        self,
        model: keras.Model,
        optimizer: keras.Optimizer,
        average: Weights | None,
    ) -> None:
        """Write everything a later run needs to go on, in full precision."""
        moments: dict[str, NDArray[np.float32]] = {}
        optimizer.save_own_variables(moments)
        _write(self.folder / "last.npz", get_weights(model))
        _write(self.folder / "optimizer.npz", moments)
        if average is not None:
            _write(self.folder / "average.npz", average)

    def restore_optimizer(self, model: keras.Model) -> None:
        """Give a rebuilt model the optimizer's moments and step count back."""
        path = self.folder / "optimizer.npz"
        if path.is_file():
            model.optimizer.build(model.trainable_variables)
            with np.load(path) as store:
                model.optimizer.load_own_variables(store)

    def record(self, row: Mapping[str, float], weights: Weights) -> None:
        """Log an epoch, and keep its weights if they are the best so far.

        Args:
            row: The log's columns; without `val_accuracy` the newest is best.
            weights: What the epoch was judged by.
        """
        if "val_accuracy" not in row:
            better = True
        else:
            score = (row["val_accuracy"], -row["val_loss"])
            better = score > (self.best_accuracy, -self.best_loss)
        self.stale = 0 if better else self.stale + 1
        if better:
            self.best_accuracy = row.get("val_accuracy", -1.0)
            self.best_loss = row.get("val_loss", float("inf"))
            write_weights(self.best, weights)
        self.epoch = int(row["epoch"])
        self._append(row)
        self._save()
        draw_curves(self.log, self.folder / "curves.png")
        tqdm.write("  ".join(f"{name} {value:.4g}" for name, value in row.items()))

    def _require_same(self, made_of: Mapping[str, object]) -> None:
        for key, value in self.made_of.items():
            if made_of.get(key) != value:
                raise DatasetError(
                    f"Expected --out of a run with the same {key}: {value}. Received: "
                    f"{self.folder}, begun with {made_of.get(key)}. Choose another "
                    "--out, or give the same words."
                )

    def _append(self, row: Mapping[str, float]) -> None:
        new = not self.log.is_file()
        with self.log.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            if new:
                writer.writeheader()
            writer.writerow(row)

    def _save(self) -> None:
        state = {
            "epoch": self.epoch,
            "best_accuracy": self.best_accuracy,
            "best_loss": self.best_loss,
            "stale": self.stale,
            "made_of": self.made_of,
        }
        partial = self.state.with_suffix(".partial")
        partial.write_text(json.dumps(state))
        partial.replace(self.state)


def _write(path: Path, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    """Write arrays beside the old file and rename: a kill leaves no half a file."""
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, allow_pickle=False, **arrays)
    partial.replace(path)
