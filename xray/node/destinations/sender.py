"""What every kind of destination does: take parcels, and say what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from ...errors import XrayError
from ...spool.deliveries import Delivery


class UnreachableError(XrayError):
    """A destination that takes nothing at the moment.

    Args:
        reason: A key.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Fate(Enum):
    """What became of a parcel."""

    DONE = auto()  # it is there
    SENT = auto()  # it is there, and the promise to keep it is yet to come
    LATER = auto()  # the destination had to stop: no fault of the parcel
    REFUSED = auto()  # the destination doesn't want it


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery and its file."""

    delivery: Delivery
    path: Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a parcel, and a key that says why."""

    fate: Fate
    reason: str = ""


class Sender(Protocol):
    """A destination that can be sent to."""

    @property
    def batch(self) -> int:
        """How many parcels it takes at once, at most."""

    def send(self, parcels: Sequence[Parcel]) -> list[Answer]:
        """Send parcels.

        Returns:
            An answer to each, in their order.

        Raises:
            UnreachableError: It took none.
        """


DONE = Answer(Fate.DONE)
