"""The log of every epoch: kept beside the weights that a run made, and drawn."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

from ...errors import ModelError
from ...network.card import Card, read_card
from ..writing import write_card

LOG = "log.csv"  # in a run's folder


def keep_log(card: Card, run: Path) -> Card:
    """Copy a run's log beside a card; give the card that names it.

    Raises:
        OSError: There is no log, or it can't be copied.
    """
    log = card.path.with_name(f"{card.path.stem}_log.csv")
    shutil.copyfile(run / LOG, log)
    return replace(card, training=replace(card.training, log=log.name))


def record_training(card: Card, run: Path) -> None:
    """Put a training run's log and curves beside the card, and its facts into it.

    Args:
        card: Of the weights that the run made.
        run: Its folder, with `log.csv` and the card that `xray train` wrote.

    Raises:
        ModelError: There is no such log or card.
    """
    made = read_card(run / "best.npz", check=False).training
    try:
        card = keep_log(replace(card, training=made), run)
    except OSError as error:
        raise ModelError(
            f"Expected {LOG} in {run}, could not read it: {error}. "
            "Name the folder given to `xray train --out`."
        ) from error
    log = card.path.with_name(card.training.log)
    draw_curves(log, card.path.with_name("curves.png"))
    rows = _read(log)
    how = {**card.training.how, "epochs": len(rows)}
    if rows and "val_accuracy" in rows[0]:
        best = max(
            rows, key=lambda row: (float(row["val_accuracy"]), -float(row["val_loss"]))
        )
        how["best_epoch"] = int(best["epoch"])
    write_card(replace(card, training=replace(card.training, how=how)))


def draw_curves(log: Path, picture: Path) -> None:
    """Draw loss and accuracy over the epochs as PNG, with val_* where they are."""
    # The object-oriented interface: pyplot would choose a window system.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = _read(log)
    epochs = [int(row["epoch"]) for row in rows]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for column, label in ((name, "training"), (f"val_{name}", "validation")):
            if rows and column in rows[0]:
                values = [float(row[column]) for row in rows]
                axes.plot(epochs, values, marker="o", label=label)
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(picture, dpi=120)


def _read(log: Path) -> list[dict[str, str]]:
    with log.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
