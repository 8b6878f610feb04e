"""What goes out: one row for each product and destination, until it is there.

A destination that promises to keep what it got (storage commitment) is asked for
that promise; until it comes, the delivery is `sent`, and due again after a while.
"""

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from .database import Database
from .store import Store

_OPEN = "('waiting', 'sent')"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row, as it was when it was claimed."""

    id: int
    item: int
    destination: str
    product: str
    file: str  # in the store
    about: dict[str, str]
    state: str  # "waiting", "sent", "done" or "dead"
    attempts: int
    error: str
    lease: str


class Deliveries:
    """The outgoing half of the queue. Safe between threads and processes."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def claim(
        self, destination: str, holder: str = "", seconds: float = 300.0, count: int = 1
    ) -> list[Delivery]:
        """Take the oldest deliveries to a destination that nobody has in hand.

        After some seconds others may take them.
        """
        now = time.time()
        with self._database.transaction() as change:
            rows = change.execute(
                "UPDATE deliveries SET due = ?, lease = ?, holder = ?, "
                "attempts = attempts + 1 WHERE id IN (SELECT id FROM deliveries "
                f"WHERE destination = ? AND state IN {_OPEN} AND due <= ? "
                "ORDER BY due, id LIMIT ?) RETURNING *",
                (now + seconds, uuid4().hex, holder, destination, now, count),
            ).fetchall()
        return sorted((_as_delivery(row) for row in rows), key=lambda each: each.id)

    def done(self, deliveries: Sequence[Delivery]) -> None:
        """Write down that the destination has it for good."""
        self._close(deliveries, "done", "")

    def give_up(self, deliveries: Sequence[Delivery], reason: str) -> None:
        """Write down that the destination will never take it as it is."""
        self._close(deliveries, "dead", reason)

    def sent(self, deliveries: Sequence[Delivery], wait: float) -> None:
        """Write down that the destination has it, and has yet to promise to keep it.

        They are due again after some seconds.
        """
        self._put_back(deliveries, "sent", "", wait)

    def later(
        self,
        deliveries: Sequence[Delivery],
        reason: str,
        wait: float,
        counts: bool = True,
    ) -> None:
        """Give claimed deliveries back, to be tried again after some seconds.

        It counts as an attempt, but where the destination wasn't even there.
        """
        self._put_back(deliveries, "waiting", reason, wait, 0 if counts else 1)

    def committed(self, destination: str, uids: Sequence[str]) -> int:
        """Write down that a destination promised to keep these instances.

        Instances are named as `about["uid"]` of the deliveries says.

        Returns:
            How many deliveries that ended.
        """
        return self._answered(destination, uids, "done", "")

    def uncommitted(self, destination: str, uids: Sequence[str]) -> int:
        """Write down that a destination doesn't have these: they are sent again."""
        return self._answered(destination, uids, "waiting", "not_committed")

    def release(self, holder: str) -> int:
        """Give back what a holder that is no more had in hand."""
        with self._database.transaction() as change:
            return change.execute(
                "UPDATE deliveries SET due = ?, lease = '', holder = '' "
                f"WHERE holder = ? AND lease != '' AND state IN {_OPEN}",
                (time.time(), holder),
            ).rowcount

    def count(self) -> dict[tuple[str, str], int]:
        """Count deliveries by destination and state."""
        return {
            (row["destination"], row["state"]): row["n"]
            for row in self._database.rows(
                "SELECT destination, state, count(*) AS n FROM deliveries "
                "GROUP BY destination, state ORDER BY destination, state"
            )
        }

    def of(self, item: int) -> list[Delivery]:
        """List an item's deliveries, whatever their state."""
        rows = self._database.rows("SELECT * FROM deliveries WHERE item = ?", item)
        return [_as_delivery(row) for row in rows]

    def _put_back(
        self,
        deliveries: Sequence[Delivery],
        state: str,
        reason: str,
        wait: float,
        uncounted: int = 0,
    ) -> None:
        now = time.time()
        with self._database.transaction() as change:
            change.executemany(
                "UPDATE deliveries SET state = ?, error = ?, due = ?, lease = '', "
                "attempts = attempts - ?, changed = ? "
                f"WHERE id = ? AND lease = ? AND state IN {_OPEN}",
                [
                    (state, reason, now + wait, uncounted, now, each.id, each.lease)
                    for each in deliveries
                ],
            )

    def _close(self, deliveries: Sequence[Delivery], state: str, reason: str) -> None:
        files: list[str] = []
        with self._database.transaction() as change:
            for each in deliveries:
                # Whoever holds the claim now: what arrived has arrived.
                change.execute(
                    "UPDATE deliveries SET state = ?, error = ?, lease = '', "
                    f"changed = ? WHERE id = ? AND state IN {_OPEN}",
                    (state, reason, time.time(), each.id),
                )
                files += settle(change, each.item)
        self._store.remove(*files)

    def _answered(
        self, destination: str, uids: Sequence[str], state: str, reason: str
    ) -> int:
        now, files, ended = time.time(), [], 0
        with self._database.transaction() as change:
            for uid in uids:
                for row in change.execute(
                    "UPDATE deliveries SET state = ?, error = ?, due = ?, lease = '', "
                    f"changed = ? WHERE destination = ? AND state IN {_OPEN} "
                    "AND json_extract(about, '$.uid') = ? RETURNING item",
                    (state, reason, now, now, destination, uid),
                ).fetchall():
                    files += settle(change, row["item"])
                    ended += 1
        self._store.remove(*files)
        return ended


def settle(change: sqlite3.Connection, item: int) -> list[str]:
    """End an item whose deliveries are all closed, within a transaction.

    Returns:
        Files that nobody needs any more, to be removed after the transaction.
    """
    files = [
        row["file"]
        for row in change.execute(
            "SELECT file FROM deliveries WHERE item = ? AND state = 'done' "
            "AND file != ''",
            (item,),
        )
    ]
    change.execute(
        "UPDATE deliveries SET file = '' WHERE item = ? AND state = 'done'", (item,)
    )
    states = {
        row["state"]: row["error"]
        for row in change.execute(
            "SELECT state, error FROM deliveries WHERE item = ?", (item,)
        )
    }
    if states.keys() & {"waiting", "sent"}:
        return files
    now = time.time()
    if "dead" in states:
        change.execute(
            "UPDATE items SET state = 'dead', error = ?, changed = ? WHERE id = ?",
            (states["dead"], now, item),
        )
        return files
    (row,) = change.execute("SELECT file FROM items WHERE id = ?", (item,)).fetchall()
    change.execute(
        "UPDATE items SET state = 'delivered', file = '', changed = ? WHERE id = ?",
        (now, item),
    )
    return [*files, row["file"]]


def _as_delivery(row: sqlite3.Row) -> Delivery:
    values = {name: row[name] for name in Delivery.__dataclass_fields__}
    return Delivery(**{**values, "about": json.loads(row["about"])})
