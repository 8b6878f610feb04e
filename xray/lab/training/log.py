"""The log of every epoch: kept beside the weights that a run made, and drawn."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

from ...network.card import Card

LOG = "log.csv"  # in a run's folder


def keep_log(card: Card, run: Path) -> Card:
    """Copy a run's log beside a card; give the card that names it.

    Raises:
        OSError: There is no log, or it can't be copied.
    """
    log = card.path.with_name(f"{card.path.stem}_log.csv")
    shutil.copyfile(run / LOG, log)
    return replace(card, training=replace(card.training, log=log.name))


def draw_curves(log: Path, picture: Path) -> None:
    """Draw loss and accuracy over the epochs as PNG, with val_* where they are."""
    # The object-oriented interface: pyplot would choose a window system.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with log.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
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
