"""A folder that holds what is received and not yet answered."""

import time
from dataclasses import dataclass
from pathlib import Path

from .database import Database
from .deliveries import Deliveries
from .items import Items
from .jobs import Jobs
from .store import KEEP_FREE, SWEEP_AFTER, Store

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class LastHour:
    """What happened in the last hour."""

    received: int
    delivered: int
    failed: dict[str, int]  # by reason, what is dead now or waits to be retried


class Spool:
    """Files and queue in one folder; several processes may open it at once.

    >>> with Spool(folder) as spool:
    ...     staged = spool.store.stage([data])
    ...     spool.items.add(New(staged, "dicom", key=uid))

    Args:
        folder: Made if absent; on a local disk, as SQLite's log needs.
        keep_free: Bytes of the disk that must stay free.
    """

    def __init__(self, folder: Path, keep_free: int = KEEP_FREE) -> None:
        self.folder = folder
        self.store = Store(folder, keep_free)
        self._database = Database(folder / "queue.sqlite")
        self.items = Items(self._database, self.store)
        self.deliveries = Deliveries(self._database, self.store)
        self.jobs = Jobs(self._database, self.store, self.items)

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._database.close()

    def sweep(self, older: float = SWEEP_AFTER) -> int:
        """Remove files that a crash left without a row.

        Returns:
            How many were removed.
        """
        named = self._database.rows(
            "SELECT file FROM items UNION SELECT file FROM deliveries"
        )
        return self.store.sweep(frozenset(row["file"] for row in named), older)

    def last_hour(self, kind: str = "dicom") -> LastHour:
        """Say what happened in the last hour, without a word about patients."""
        since = time.time() - _HOUR
        ask = self._database.rows
        (received,) = ask(
            "SELECT count(*) AS n FROM items WHERE kind = ? AND received > ?",
            kind,
            since,
        )
        (delivered,) = ask(
            "SELECT count(*) AS n FROM items WHERE kind = ? AND state = 'delivered' "
            "AND changed > ?",
            kind,
            since,
        )
        failed = ask(
            "SELECT error, sum(n) AS n FROM ("
            "SELECT error, count(*) AS n FROM items WHERE kind = ? AND error != '' "
            "AND result IS NULL AND changed > ? GROUP BY error UNION ALL "
            "SELECT error, count(*) AS n FROM deliveries WHERE error != '' "
            "AND changed > ? GROUP BY error) GROUP BY error ORDER BY error",
            kind,
            since,
            since,
        )
        return LastHour(
            received["n"], delivered["n"], {row["error"]: row["n"] for row in failed}
        )
