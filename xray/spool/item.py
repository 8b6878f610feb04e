"""What an item of the queue is, as its row says, and what one is made of."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from .store import Staged


class State(Enum):
    """How far an item has come."""

    RECEIVED = "received"
    CLASSIFIED = "classified"  # deliveries are open
    DELIVERED = "delivered"  # nothing more to do; a job's item is answered
    DEAD = "dead"  # gave up: waits for someone who looks


@dataclass(frozen=True, slots=True)
class New:
    """What a row is made of."""

    staged: Staged
    kind: str  # "dicom": to be classified and delivered by rules; "job"
    owner: str = ""  # a job's id
    name: str = ""  # as the sender named it
    key: str | None = None  # SOP Instance UID; None: never the same as another
    source: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a new item."""

    id: int
    is_new: bool  # False: the same bytes are here already, under this id
    is_conflict: bool = False  # other bytes are here under the same key


@dataclass(frozen=True, slots=True)
class Item:
    """A row, as it was when it was read."""

    id: int
    kind: str
    owner: str
    name: str
    key: str | None
    conflict: bool  # other bytes came under its key before
    digest: str
    bytes: int
    file: str  # in the store; "": removed, as no longer needed
    source: dict[str, str]
    state: State
    attempts: int
    error: str  # why it is not further: a key, never a sentence with values
    result: dict[str, object] | None
    received: float  # seconds since 1970
    changed: float
    lease: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """Something to be delivered, made from an item."""

    destination: str
    product: str  # "sr", "heatmap", "copy" or "record"
    file: str  # in the store
    about: Mapping[str, str] = field(default_factory=dict)

    def row(self) -> tuple[str, str, str, str]:
        """Write it as the columns of a delivery, in the order of the fields."""
        return self.destination, self.product, self.file, json.dumps(dict(self.about))


def as_item(row: sqlite3.Row) -> Item:
    """Read a row."""
    values = {name: row[name] for name in Item.__dataclass_fields__}
    values["conflict"] = bool(row["conflict"])
    values["source"] = json.loads(row["source"])
    values["state"] = State(row["state"])
    values["result"] = None if row["result"] is None else json.loads(row["result"])
    return Item(**values)
