"""The spool's tables: SQLite with a write-ahead log, flushed at each commit.

Why SQLite and not files that are renamed: a step of the queue changes several
things at once (a film is classified, and four deliveries wait), which is one
transaction here and would be a protocol of its own with files. It is in Python, is
safe between processes, and answers "how many, since when, why" with one question.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SpoolError, SpoolFullError

VERSION = 1
_BUSY_SECONDS = 60.0  # to wait for another process's transaction
# Of the second one: there was no room for the index of the log.
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})

_SCHEMA = """
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    key TEXT,
    conflict INTEGER NOT NULL,
    digest TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    file TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    holder TEXT NOT NULL DEFAULT '',
    lease TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    result TEXT,
    received REAL NOT NULL,
    changed REAL NOT NULL
);
CREATE UNIQUE INDEX items_once ON items (kind, owner, key, digest)
    WHERE key IS NOT NULL;
CREATE INDEX items_due ON items (kind, state, due);
CREATE INDEX items_owner ON items (owner, id);
CREATE INDEX items_changed ON items (changed);
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    destination TEXT NOT NULL,
    product TEXT NOT NULL,
    file TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    holder TEXT NOT NULL DEFAULT '',
    lease TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    changed REAL NOT NULL,
    UNIQUE (item, destination, product)
);
CREATE INDEX deliveries_due ON deliveries (destination, state, due);
CREATE INDEX deliveries_changed ON deliveries (changed);
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    key TEXT UNIQUE,
    fingerprint TEXT NOT NULL,
    created REAL NOT NULL
);
"""


class Database:
    """One connection to the spool's tables; threads take turns.

    Args:
        path: Made if absent.

    Raises:
        SpoolError: It can't be opened, or a newer xray made it.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(
                path, _BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._prepare()
        except (sqlite3.Error, SpoolError) as error:
            said = error.__cause__ or error
            raise SpoolError(
                f"Expected a queue of xray in {path}. Received: {said}. Choose "
                "another folder for the spool, or put this one right."
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do several things or none of them; on return they are on the disk.

        Raises:
            SpoolFullError: The disk is full: nothing was done.
            SpoolError: SQLite failed otherwise.
        """
        with self._lock, _explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, question: str, *values: object) -> list[sqlite3.Row]:
        """Ask something.

        Raises:
            SpoolError: SQLite failed.
        """
        with self._lock, _explained():
            return self._connection.execute(question, values).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        # Not NORMAL: a power cut must not take back what was answered with success.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction() as change:
            (found,) = change.execute("PRAGMA user_version").fetchone()
            if found > VERSION:
                raise sqlite3.DatabaseError(f"version {found}, newer than {VERSION}")
            if found == 0:
                # One by one: executescript would end the transaction.
                for statement in _SCHEMA.split(";"):
                    change.execute(statement)
                change.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what SQLite says into an error of xray."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in _FULL:
            raise SpoolFullError(
                f"Expected room on the disk of the queue. Received: {error}. Make "
                "room, and send it again."
            ) from error
        raise SpoolError(
            f"Expected the queue to answer. Received: {error}. Check the spool's "
            "folder, its disk and its permissions."
        ) from error
