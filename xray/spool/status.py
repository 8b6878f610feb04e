"""The spool in numbers, for people and for /metrics; nothing of a patient."""

import shutil
import time
from dataclasses import dataclass

from .folder import LastHour, Spool
from .item import State


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """How a spool is doing."""

    items: dict[State, int]  # of the node, those of jobs left out
    jobs: dict[State, int]  # items of jobs
    deliveries: dict[tuple[str, str], int]  # by destination and state
    conflicts: int  # films that came under the UID of another
    oldest_seconds: float  # how long the first in the queue has waited
    last_hour: LastHour
    free_bytes: int
    has_room: bool


def read_status(spool: Spool) -> SpoolStatus:
    """Count what there is to count."""
    waiting = spool.items.list("dicom", state=State.RECEIVED, count=1)
    return SpoolStatus(
        items=spool.items.count("dicom"),
        jobs=spool.items.count("job"),
        deliveries=spool.deliveries.count(),
        conflicts=spool.items.count_conflicts(),
        oldest_seconds=time.time() - waiting[0].received if waiting else 0.0,
        last_hour=spool.last_hour(),
        free_bytes=shutil.disk_usage(spool.folder).free,
        has_room=spool.store.enough_room(),
    )
