"""A queue whose disk is full: as SQLite says it, or for longer than tries last."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from xray.errors import SpoolFullError
from xray.spool.folder import Spool
from xray.spool.items import MOST_CLAIMS


@contextmanager
def full_queue(spool: Spool) -> Iterator[None]:
    """Let the queue's file grow no further for as long as this lasts."""
    # Only of this connection: SQLite forgets it when the file is opened again.
    connection = spool._database._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (usual,) = connection.execute("PRAGMA max_page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA max_page_count = {usual}")


def full_at_first(patch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    """Let a method find no room, more often than a film may be tried; then work."""
    patch.setattr("xray.spool.worker.DISK_SECONDS", 0.01)
    works, tries = getattr(owner, name), count()

    def late(*words: Any) -> object:
        if next(tries) < 2 * MOST_CLAIMS:
            raise SpoolFullError("no room")
        return works(*words)

    patch.setattr(owner, name, late)
