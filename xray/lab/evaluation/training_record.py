"""What a model card keeps of the training run that made its weights."""

import csv
from dataclasses import replace
from pathlib import Path

from ...errors import ModelError
from ...network.card import Card, read_card, write_card
from ..training.log import draw_curves, keep_log


def record_training(card: Card, run: Path) -> Card:
    """Put a training run's log and curves beside the card, and its facts into it.

    Args:
        card: Of the weights that the run made.
        run: Its folder, with `log.csv` and the card that `xray train` wrote.

    Returns:
        The card as it was written.

    Raises:
        ModelError: There is no such log or card.
    """
    made = read_card(run / "best.npz", check=False).training
    try:
        card = keep_log(replace(card, training=made), run)
    except OSError as error:
        raise ModelError(
            f"Expected log.csv in {run}, could not read it: {error}. "
            "Name the folder given to `xray train --out`."
        ) from error
    log = card.path.with_name(card.training.log)
    draw_curves(log, card.path.with_name("curves.png"))
    with log.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    how = {**card.training.how, "epochs": len(rows)}
    if rows and "val_accuracy" in rows[0]:
        best = max(
            rows, key=lambda row: (float(row["val_accuracy"]), -float(row["val_loss"]))
        )
        how["best_epoch"] = int(best["epoch"])
    card = replace(card, training=replace(card.training, how=how))
    write_card(card)
    return card
