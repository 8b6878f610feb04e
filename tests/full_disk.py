"""A queue whose disk is full, as SQLite itself says it."""

from collections.abc import Iterator
from contextlib import contextmanager

from xray.spool.folder import Spool


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
