"""What classifies films that wait in the queue, as fast as the cores allow.

A killed program's claims are given back when the next one starts, so that what was in
hand is done again; an answer counts once, however often it was worked out.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from threading import Event
from typing import ClassVar

from ..classify.classifier import Classifier
from ..classify.pipeline import Outcome, Source, process_all
from ..errors import SpoolFullError
from ..network.findings.points import Asked
from .folder import Spool
from .item import Item

DISK_SECONDS = 30.0  # to the next try on a full disk

_LEASE = 600.0  # seconds
_AT_ONCE = 4  # claims of one transaction
_IDLE_SECONDS = 1.0  # between looks at what another process may have put in

_log = logging.getLogger(__name__)


class QueueWorker(ABC):
    """Classifies the films of one kind, until it is stopped.

    Args:
        classifier: The one door.
        spool: What to work on.
    """

    kind: ClassVar[str]  # of the items
    holder: ClassVar[str]  # of the claims
    passing: ClassVar[tuple[type[Exception], ...]] = (SpoolFullError,)
    top = 0  # as for `process_all`, and so below
    findings: Asked = False

    def __init__(self, classifier: Classifier, spool: Spool) -> None:
        self._classifier, self._spool = classifier, spool
        self._claimed: dict[str, Item] = {}
        self._stop, self._wake = Event(), Event()

    @abstractmethod
    def finish(self, item: Item, outcome: Outcome) -> None:
        """Write an answer down, on the thread that found it: none waits for another."""

    def source(self, item: Item) -> Source:
        """Say what is to be classified."""
        return Source(str(item.id), self._spool.store.path(item.file))

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self.work()
            except self.passing as error:
                _log.error("%s What waits is tried again.", error)
                self._rest()
            else:
                self._wake.wait(_IDLE_SECONDS)

    def work(self) -> None:
        """Classify what waits, and return when nothing does."""
        for _ in process_all(
            self._classifier,
            self._sources(),
            self._finish,
            top=self.top,
            findings=self.findings,
            busy=True,  # a sender has more: the network is made for many at once
        ):
            pass

    def wake(self) -> None:
        """Say that there is something to do."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what has begun, and end."""
        self._stop.set()
        self._wake.set()

    def _sources(self) -> Iterator[Source]:
        while not self._stop.is_set():
            items = self._spool.items.claim(self.kind, self.holder, _LEASE, _AT_ONCE)
            if not items:
                return
            for item in items:
                self._claimed[str(item.id)] = item
                yield self.source(item)

    def _finish(self, outcome: Outcome) -> None:
        item = self._claimed.pop(outcome.name, None)
        if item is not None:  # else given back meanwhile, and done in another turn
            self.finish(item, outcome)

    def _rest(self) -> None:
        """Wait for room, and give back what was in hand when there was none."""
        while not self._stop.wait(DISK_SECONDS):
            with suppress(*self.passing):
                self._claimed.clear()
                self._spool.items.release(self.holder, counts=False)
                return
