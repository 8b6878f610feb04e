"""Items of the queue: received, classified, delivered, or dead.

A claim hides an item for some seconds; who dies with it in hand gives it back by
letting them pass. What is done with an item counts only while its claim lasts.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

from ..errors import SpoolFullError
from .database import Database
from .item import Added, Item, New, Product, State, as_item
from .store import Store

MOST_CLAIMS = 10  # a film that was in hand at so many crashes is their cause


class Items:
    """The queue proper. Safe between threads and processes."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def add(self, new: New) -> Added:
        """Put one item into the queue; on return it is there for good.

        The same bytes under the same key are there once: the file is removed again.

        Raises:
            SpoolFullError: The disk is full; the file is removed.
        """
        try:
            with self._database.transaction() as change:
                added = insert(change, new)
        except SpoolFullError:
            self._store.remove(new.staged.file)
            raise
        if not added.is_new:
            self._store.remove(new.staged.file)
        return added

    def claim(
        self, kind: str, holder: str = "", seconds: float = 120.0, count: int = 1
    ) -> list[Item]:
        """Take the oldest items that nobody has in hand.

        After some seconds others may take them; `release` gives back what a
        holder took.
        """
        now, lease = time.time(), uuid4().hex
        with self._database.transaction() as change:
            change.execute(
                "UPDATE items SET state = 'dead', error = 'crashed', changed = ? "
                "WHERE kind = ? AND state = 'received' AND due <= ? AND attempts >= ?",
                (now, kind, now, MOST_CLAIMS),
            )
            rows = change.execute(
                "UPDATE items SET due = ?, lease = ?, holder = ?, "
                "attempts = attempts + 1 WHERE id IN (SELECT id FROM items "
                "WHERE kind = ? AND state = 'received' AND due <= ? "
                "ORDER BY due, id LIMIT ?) RETURNING *",
                (now + seconds, lease, holder, kind, now, count),
            ).fetchall()
        return sorted((as_item(row) for row in rows), key=lambda item: item.id)

    def finish(
        self,
        item: Item,
        result: Mapping[str, object],
        products: Sequence[Product] = (),
    ) -> bool:
        """Write down the answer to a claimed item, and what is to be delivered.

        Returns:
            False where the claim ran out and another has the item: nothing is
            written then, and the products' files are the caller's to remove.
        """
        state = State.CLASSIFIED if products else State.DELIVERED
        now = time.time()
        file = item.file if products else ""
        with self._database.transaction() as change:
            written = change.execute(
                "UPDATE items SET state = ?, result = ?, error = '', lease = '', "
                "holder = '', attempts = 0, changed = ?, file = ? "
                "WHERE id = ? AND lease = ? AND state = 'received'",
                (state.value, json.dumps(result), now, file, item.id, item.lease),
            ).rowcount
            if not written:
                return False
            change.executemany(
                "INSERT OR IGNORE INTO deliveries (item, destination, product, file, "
                "about, state, due, changed) VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)",
                [(item.id, *each.row(), now, now) for each in products],
            )
        if not products:
            self._store.remove(item.file)
        return True

    def fail(self, item: Item, reason: str, retry_in: float | None = None) -> bool:
        """Give a claimed item back to be tried again, or give it up.

        The reason is a key, never what a file's header says. `retry_in` is in
        seconds; None gives the item up.
        """
        now = time.time()
        due = now + (retry_in or 0)
        state = State.DEAD if retry_in is None else State.RECEIVED
        with self._database.transaction() as change:
            return bool(
                change.execute(
                    "UPDATE items SET state = ?, error = ?, due = ?, lease = '', "
                    "holder = '', changed = ? WHERE id = ? AND lease = ? "
                    "AND state = 'received'",
                    (state.value, reason, due, now, item.id, item.lease),
                ).rowcount
            )

    def release(self, holder: str, counts: bool = True) -> int:
        """Give back what a holder had in hand.

        It counts as an attempt where the holder is no more, which an item may be
        the cause of.
        """
        with self._database.transaction() as change:
            return change.execute(
                "UPDATE items SET due = ?, lease = '', holder = '', "
                "attempts = max(attempts - ?, 0) "
                "WHERE holder = ? AND state = 'received'",
                (time.time(), not counts, holder),
            ).rowcount

    def retry(self, ids: Iterable[int] | None = None) -> int:
        """Let dead items be tried again: all, or some.

        Returns:
            How many there were.
        """
        now = time.time()
        with self._database.transaction() as change:
            dead = {
                row["id"]: row["result"]
                for row in change.execute("SELECT * FROM items WHERE state = 'dead'")
            }
            chosen = dead.keys() if ids is None else dead.keys() & set(ids)
            for each in chosen:
                state = "received" if dead[each] is None else "classified"
                change.execute(
                    "UPDATE items SET state = ?, error = '', attempts = 0, due = ?, "
                    "changed = ? WHERE id = ?",
                    (state, now, now, each),
                )
                change.execute(
                    "UPDATE deliveries SET state = 'waiting', error = '', "
                    "attempts = 0, due = ?, changed = ? "
                    "WHERE item = ? AND state = 'dead'",
                    (now, now, each),
                )
            return len(chosen)

    def get(self, number: int) -> Item | None:
        """Look an item up."""
        rows = self._database.rows("SELECT * FROM items WHERE id = ?", number)
        return as_item(rows[0]) if rows else None

    def list(
        self,
        kind: str | None = None,
        owner: str | None = None,
        state: State | None = None,
        after: int = 0,
        count: int = 100,
    ) -> list[Item]:
        """List items in the order they came.

        `owner` is a job's id, `after` that of the last item that is known
        already; None is all.
        """
        return [
            as_item(row)
            for row in self._database.rows(
                "SELECT * FROM items WHERE id > ? AND ifnull(?, kind) = kind "
                "AND ifnull(?, owner) = owner AND ifnull(?, state) = state "
                "ORDER BY id LIMIT ?",
                after,
                kind,
                owner,
                state.value if state else None,
                count,
            )
        ]

    def count(
        self, kind: str | None = None, owner: str | None = None
    ) -> dict[State, int]:
        """Count items by state; every state is there."""
        found = dict.fromkeys(State, 0)
        for row in self._database.rows(
            "SELECT state, count(*) AS n FROM items WHERE ifnull(?, kind) = kind "
            "AND ifnull(?, owner) = owner GROUP BY state",
            kind,
            owner,
        ):
            found[State(row["state"])] = row["n"]
        return found

    def depth(self, kind: str | None = None) -> int:
        """Count items that are not yet classified."""
        return self.count(kind)[State.RECEIVED]

    def count_conflicts(self) -> int:
        """Count items that came under the key of another."""
        (row,) = self._database.rows(
            "SELECT count(*) AS n FROM items WHERE conflict = 1"
        )
        return int(row["n"])

    def delete(self, number: int) -> bool:
        """Forget an item, whatever its state, with its files."""
        return self._delete("id = ?", number) > 0

    def delete_owned(self, owner: str) -> int:
        """Forget all items of a job, with their files."""
        return self._delete("owner = ? AND owner != ''", owner)

    def prune(self, before: float) -> int:
        """Forget what the node delivered before a moment; the dead stay.

        The moment is in seconds since 1970.
        """
        return self._delete(
            "kind != 'job' AND state = 'delivered' AND changed < ?", before
        )

    def _delete(self, which: str, *values: object) -> int:
        with self._database.transaction() as change:
            files = change.execute(
                f"SELECT file FROM items WHERE {which} UNION SELECT file FROM "
                f"deliveries WHERE item IN (SELECT id FROM items WHERE {which})",
                (*values, *values),
            ).fetchall()
            gone = change.execute(f"DELETE FROM items WHERE {which}", values).rowcount
        self._store.remove(*(row["file"] for row in files))
        return gone


def insert(change: sqlite3.Connection, new: New) -> Added:
    """Add a row within a transaction, unless the same bytes are there."""
    is_conflict = False
    if new.key is not None:
        for row in change.execute(
            "SELECT id, digest FROM items WHERE kind = ? AND owner = ? AND key = ?",
            (new.kind, new.owner, new.key),
        ):
            if row["digest"] == new.staged.digest:
                return Added(row["id"], is_new=False)
            is_conflict = True
    now = time.time()
    row = change.execute(
        "INSERT INTO items (kind, owner, name, key, conflict, digest, bytes, file, "
        "source, state, due, received, changed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', ?, ?, ?) RETURNING id",
        (
            new.kind,
            new.owner,
            new.name,
            new.key,
            is_conflict,
            new.staged.digest,
            new.staged.bytes,
            new.staged.file,
            json.dumps(dict(new.source)),
            now,
            now,
            now,
        ),
    ).fetchone()
    return Added(row["id"], is_new=True, is_conflict=is_conflict)
