"""The log of every epoch, kept beside the weights that a run made."""

import shutil
from pathlib import Path

from ...network.card import Card

LOG = "log.csv"  # in a run's folder


def keep_log(card: Card, run: Path) -> Path:
    """Copy a run's log beside a card, and name it there; the card isn't written.

    Raises:
        OSError: There is no log, or it can't be copied.
    """
    log = card.path.with_name(f"{card.path.stem}_log.csv")
    shutil.copyfile(run / LOG, log)
    card.content.setdefault("training", {})["log"] = log.name
    return log
