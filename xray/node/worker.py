"""Classifies the node's films, and puts answers and deliveries in their place."""

import logging
from collections.abc import Callable

from ..classify.classifier import Classifier
from ..classify.pipeline import Outcome
from ..errors import ImageError, SpoolFullError, XrayError
from ..spool.folder import Spool
from ..spool.instances import KIND
from ..spool.item import Item
from ..spool.worker import QueueWorker
from .config import Config
from .products import Maker

HOLDER = "node"

# What may come of a busy machine: tried again before a film is given up.
_PASSING = frozenset({"decoder_died", "too_slow", "too_much_memory", "program_error"})
_TRIES = 3

_log = logging.getLogger(__name__)


class Worker(QueueWorker):
    """Takes films from the spool and puts answers and deliveries in their place.

    Args:
        config: Its rules.
        spool: What to work on.
        classifier: The one door.
        classified: Called after each film.
    """

    kind, holder = KIND, HOLDER

    def __init__(
        self,
        config: Config,
        spool: Spool,
        classifier: Classifier,
        classified: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(classifier, spool)
        # A map costs time: it is made where some rule wants one.
        self.top = int(any("heatmap" in rule.send for rule in config.rules))
        self.findings = config.findings
        self._classified = classified
        self._maker = Maker(config, spool, classifier)

    def finish(self, item: Item, outcome: Outcome) -> None:
        """Write an answer down with its products, or why there is none."""
        if outcome.error is not None:
            self._give_up(item, outcome.error)
            return
        try:
            answer, products = self._maker.make(item, outcome)
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

    def _give_up(self, item: Item, error: XrayError) -> None:
        key = error.key if isinstance(error, ImageError) else type(error).__name__
        again = key in _PASSING and item.attempts < _TRIES
        _log.warning("item %d: %s%s", item.id, key, ", tried again" if again else "")
        self._spool.items.fail(item, key, 10.0 * item.attempts if again else None)
