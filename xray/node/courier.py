"""Carries products to one destination, and comes back until they are taken."""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from ..errors import SpoolFullError
from ..spool.deliveries import Delivery
from ..spool.folder import Spool
from ..spool.worker import DISK_SECONDS
from .config import Config
from .destinations.base import (
    Answer,
    Destination,
    Fate,
    Parcel,
    Reported,
    UnreachableError,
)
from .destinations.dicom import DicomDestination
from .worker import HOLDER

_LEASE = 3600.0  # seconds; a node that starts takes what a dead one had at once
_IDLE_SECONDS = 1.0
_GATHER_SECONDS = 0.2  # for more to come: a PACS isn't called for each
_RETRY_SECONDS = 5.0  # before the first one
_LONGEST_SECONDS = 300.0  # before any further one
_FULL = "the spool's disk is full: what goes out waits"

_log = logging.getLogger(__name__)


class Courier:
    """Delivers to one destination.

    Args:
        config: How often to try.
        spool: What waits.
        destination: Where to.
        reported: Called where a PACS reports while it is being sent to.
    """

    def __init__(
        self, config: Config, spool: Spool, destination: Destination, reported: Reported
    ) -> None:
        self._config = config
        self._spool = spool
        self._destination = destination
        self._reported = reported
        self._failures = 0  # of the destination as a whole, one after another
        self._stop = threading.Event()
        self._wake = threading.Event()

    def run(self) -> None:
        """Deliver until `stop`."""
        while not self._stop.is_set():
            self._wake.clear()
            try:
                more = self.deliver()
            except SpoolFullError:
                _log.error(_FULL)
                self._stop.wait(DISK_SECONDS)
                continue
            if more:
                continue
            if self._failures:  # nobody's call makes a destination come back
                self._stop.wait(self._wait(self._failures))
            elif self._wake.wait(_IDLE_SECONDS):
                self._stop.wait(_GATHER_SECONDS)

    def deliver(self) -> bool:
        """Deliver one batch; True where more may wait and would be taken."""
        name = self._destination.name
        # One is enough to find out whether it is back.
        count = 1 if self._failures else self._destination.batch
        found = self._spool.deliveries.claim(name, HOLDER, _LEASE, count)
        if not found:
            return False
        parcels = [Parcel(each, self._spool.store.path(each.file)) for each in found]
        try:
            answers = self._destination.send(parcels, self._reported)
        except UnreachableError as error:
            self._write(partial(self._down, found, error.reason))
            return False
        self._write(partial(self._settle, found, answers))
        return not self._failures

    def wake(self) -> None:
        """Say that there is something to do."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what has begun, and end."""
        self._stop.set()
        self._wake.set()

    def _write(self, outcome: Callable[[], None]) -> None:
        """Write down what became of parcels, as soon as the disk has room for it."""
        while True:
            try:
                return outcome()
            except SpoolFullError:
                _log.error(_FULL)
            if self._stop.wait(DISK_SECONDS):
                return  # the next start sends them again, under the same UIDs

    def _settle(self, found: Sequence[Delivery], answers: Sequence[Answer]) -> None:
        by_fate: dict[Fate, list[Delivery]] = {fate: [] for fate in Fate}
        reason = ""
        for delivery, answer in zip(found, answers, strict=True):
            by_fate[answer.fate].append(delivery)
            if answer.fate is Fate.REFUSED:
                self._again_or_dead(delivery, answer.reason)
            elif answer.fate is Fate.LATER:
                reason = answer.reason
        self._spool.deliveries.done(by_fate[Fate.DONE])
        self._await_promise(by_fate[Fate.SENT])
        if by_fate[Fate.LATER]:
            self._down(by_fate[Fate.LATER], reason)
            return
        if self._failures:
            _log.info("%s is back", self._destination.name)
        self._failures = 0

    def _await_promise(self, sent: Sequence[Delivery]) -> None:
        wait = 0.0
        if isinstance(self._destination, DicomDestination):
            wait = self._destination.commitment_seconds
        for delivery in sent:
            if delivery.attempts >= self._config.attempts:
                self._spool.deliveries.give_up([delivery], "not_committed")
        self._spool.deliveries.sent(sent, wait)  # passes over what was given up

    def _again_or_dead(self, delivery: Delivery, reason: str) -> None:
        name = self._destination.name
        if delivery.attempts >= self._config.attempts:
            _log.error(
                "item %d: %s refuses it for good: %s", delivery.item, name, reason
            )
            self._spool.deliveries.give_up([delivery], reason)
            return
        wait = self._wait(delivery.attempts)
        self._spool.deliveries.later([delivery], reason, wait)

    def _down(self, found: Sequence[Delivery], reason: str) -> None:
        wait = self._wait(self._failures + 1)
        self._spool.deliveries.later(found, reason, wait, counts=False)
        if not self._failures:
            _log.warning("%s takes nothing: %s", self._destination.name, reason)
        self._failures += 1

    def _wait(self, times: int) -> float:
        """Seconds to wait after so many failures: doubled each time, up to a limit."""
        return min(_RETRY_SECONDS * 2.0 ** min(times - 1, 30), _LONGEST_SECONDS)
