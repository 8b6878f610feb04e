"""Jobs of the HTTP server: several items under one id, and a key to ask twice."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from ..errors import KeyReusedError
from .database import Database
from .item import New
from .items import Items, insert
from .store import Store


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job; its items are those whose owner is its id."""

    id: str
    key: str | None
    fingerprint: str
    created: float  # seconds since 1970
    is_new: bool = False  # made by this very call


class Jobs:
    """Jobs in the spool. Safe between threads and processes."""

    def __init__(self, database: Database, store: Store, items: Items) -> None:
        self._database = database
        self._store = store
        self._items = items

    def add(
        self,
        key: str | None,
        fingerprint: str,
        make: Callable[[str], Sequence[New]],
    ) -> StoredJob:
        """Put a job with all its items into the queue, or nothing of it.

        Args:
            key: Idempotency key; None never repeats.
            fingerprint: Of the request's body.
            make: Gives the items of the job with an id; called if the job is new.

        Returns:
            The new job, or the one that the key and fingerprint already made.

        Raises:
            KeyReusedError: The key was used with another fingerprint.
        """
        with self._database.transaction() as change:
            found = self._known(change, key, fingerprint)
            if found is not None:
                return found
            job = StoredJob(uuid4().hex, key, fingerprint, time.time(), is_new=True)
            change.execute(
                "INSERT INTO jobs (id, key, fingerprint, created) VALUES (?, ?, ?, ?)",
                (job.id, key, fingerprint, job.created),
            )
            for new in make(job.id):
                insert(change, new)
        return job

    def find(self, key: str, fingerprint: str) -> StoredJob | None:
        """Look for the job that a key made, as before a body is unpacked.

        Raises:
            KeyReusedError: The key was used with another fingerprint.
        """
        with self._database.transaction() as change:
            return self._known(change, key, fingerprint)

    def get(self, number: str) -> StoredJob | None:
        """Look a job up."""
        rows = self._database.rows("SELECT * FROM jobs WHERE id = ?", number)
        return _as_job(rows[0]) if rows else None

    def delete(self, number: str) -> bool:
        """Forget a job with its items and files."""
        with self._database.transaction() as change:
            gone = change.execute("DELETE FROM jobs WHERE id = ?", (number,)).rowcount
        self._items.delete_owned(number)
        return bool(gone)

    def prune(self, before: float) -> int:
        """Forget jobs made before a moment, seconds since 1970, done or not."""
        old = self._database.rows("SELECT id FROM jobs WHERE created < ?", before)
        return sum(self.delete(row["id"]) for row in old)

    @staticmethod
    def _known(
        change: sqlite3.Connection, key: str | None, fingerprint: str
    ) -> StoredJob | None:
        row = change.execute("SELECT * FROM jobs WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        if row["fingerprint"] != fingerprint:
            raise KeyReusedError(
                "Expected an Idempotency-Key to come with the same body each time. "
                "Received: another body. Choose a new key."
            )
        return _as_job(row)


def _as_job(row: sqlite3.Row) -> StoredJob:
    return StoredJob(row["id"], row["key"], row["fingerprint"], row["created"])
