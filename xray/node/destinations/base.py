"""What every kind of destination does: take parcels, and say what became of each."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import ClassVar, Self

from ...errors import XrayError
from ...spool.deliveries import Delivery
from ..rules import DICOM_PRODUCTS
from ..table import Table

# Called with who reports (AE title), and with the UIDs that it promises to keep and
# those that it doesn't have.
Reported = Callable[[str, Sequence[str], Sequence[str]], None]


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


@dataclass(frozen=True, slots=True)
class Destination(ABC):
    """Where products go, as the settings say it."""

    takes: ClassVar[tuple[str, ...]] = DICOM_PRODUCTS
    batch: ClassVar[int]  # parcels that it takes at once, at most
    name: str

    @classmethod
    @abstractmethod
    def read(cls, name: str, table: Table, caller: str, /) -> Self:
        """Read the rest of its settings.

        Args:
            name: As rules say it.
            table: Read so far.
            caller: AE title of the node.

        Raises:
            ConfigError: A value can't be.
        """

    @abstractmethod
    def describe(self) -> str:
        """Say where that is, and how it is sent to."""

    @abstractmethod
    def send(
        self, parcels: Sequence[Parcel], reported: Reported = lambda *_: None, /
    ) -> list[Answer]:
        """Send parcels.

        Args:
            parcels: As many as a batch has, at most.
            reported: Called where a PACS reports while it is being sent to.

        Returns:
            An answer to each, in their order.

        Raises:
            UnreachableError: It took none.
        """


DONE = Answer(Fate.DONE)
