"""The log of every epoch, kept beside the weights that a run made."""

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
