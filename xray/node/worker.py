"""Classifies what waits in the spool, through the one door, as fast as cores allow."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from ..classify.classifier import Classifier
from ..classify.pipeline import Outcome, Source, process_all
from ..errors import ImageError, SpoolFullError, XrayError
from ..spool.folder import Spool
from ..spool.instances import KIND
from ..spool.item import Item
from .config import Config
from .products import Maker

HOLDER = "node"

_LEASE = 600.0  # seconds; a node that starts takes what a dead one had at once
_AT_ONCE = 4  # claims of one transaction
_IDLE_SECONDS = 1.0  # between looks at what the HTTP server may have put in
DISK_SECONDS = 30.0  # to the next try on a full disk
# What may come of a busy machine: tried again before a film is given up.
_PASSING = frozenset({"decoder_died", "too_slow", "too_much_memory", "program_error"})
_TRIES = 3

_log = logging.getLogger(__name__)


class Worker:
    """Takes films from the spool and puts answers and deliveries in their place.

    Args:
        config: Its rules.
        spool: What to work on.
        classifier: The one door.
        classified: Called after each film.
    """

    def __init__(
        self,
        config: Config,
        spool: Spool,
        classifier: Classifier,
        classified: Callable[[], None] = lambda: None,
    ) -> None:
        self._spool = spool
        self._classifier = classifier
        self._classified = classified
        self._maker = Maker(config, spool, classifier.card)
        # A map costs time: it is made where some rule wants one.
        self._findings = config.findings
        self._top = int(any("heatmap" in rule.send for rule in config.rules))
        self._claimed: dict[str, Item] = {}
        self._stop = threading.Event()
        self._wake = threading.Event()

    def run(self) -> None:
        """Work until `stop`."""
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self.work()
            except SpoolFullError:
                _log.error("the spool's disk is full: what waits is tried again")
                self._rest()
            self._wake.wait(_IDLE_SECONDS)

    def work(self) -> None:
        """Classify what waits, and return when nothing does."""
        for _ in process_all(
            self._classifier,
            self._sources(),
            self._finish,
            top=self._top,
            findings=self._findings,
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
            items = self._spool.items.claim(KIND, HOLDER, _LEASE, _AT_ONCE)
            if not items:
                return
            for item in items:
                name = str(item.id)
                self._claimed[name] = item
                yield Source(name, self._spool.store.path(item.file))

    def _finish(self, outcome: Outcome) -> None:
        item = self._claimed.pop(outcome.name, None)
        if item is None:  # given back meanwhile, and tried again in another turn
            return
        if outcome.error is not None:
            self._give_up(item, outcome.error)
            return
        try:
            answer, products = self._maker.make(item, outcome)
        except SpoolFullError:
            self._spool.items.fail(item, "disk_full", DISK_SECONDS, counts=False)
            return
        except ImageError as error:
            self._give_up(item, error)
            return
        try:
            is_written = self._spool.items.finish(item, answer, products)
        except SpoolFullError:
            self._maker.drop(products)
            raise
        if is_written:
            self._classified()
        else:  # another has it: what was made here is made there too
            self._maker.drop(products)

    def _rest(self) -> None:
        """Wait for room, and give back what was in hand when there was none."""
        while not self._stop.wait(DISK_SECONDS):
            with suppress(SpoolFullError):
                self._claimed.clear()
                self._spool.items.release(HOLDER, counts=False)
                return

    def _give_up(self, item: Item, error: XrayError) -> None:
        key = error.key if isinstance(error, ImageError) else type(error).__name__
        again = key in _PASSING and item.attempts < _TRIES
        _log.warning("item %d: %s%s", item.id, key, ", tried again" if again else "")
        self._spool.items.fail(item, key, 10.0 * item.attempts if again else None)
