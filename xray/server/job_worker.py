"""What answers jobs, beside the requests: from the queue, and back into it."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from threading import Thread
from typing import cast

from ..classify.classifier import Classifier
from ..classify.pipeline import Outcome, Source
from ..errors import ImageError, SpoolError
from ..network.findings.points import Asked, Point
from ..records.answer import file_record
from ..spool.folder import Spool
from ..spool.item import Item
from ..spool.worker import QueueWorker
from .metrics import Metrics

KIND = "job"  # of the items
_FINDINGS = "findings"  # key of what is wanted, in an item's source

_KEEP_SECONDS = 7 * 24 * 3600.0  # jobs and their answers
_TIDY_SECONDS = 3600.0


class JobWorker(QueueWorker):
    """A thread that answers the films of jobs, on the threads of the pipeline."""

    kind, holder = KIND, "serve"
    passing = (SpoolError, OSError)  # requests may yet be answered

    def __init__(self, classifier: Classifier, spool: Spool, metrics: Metrics) -> None:
        super().__init__(classifier, spool)
        self._metrics = metrics
        self._thread = Thread(target=self.run, name="xray-jobs", daemon=True)
        self._tidied = 0.0

    def start(self) -> None:
        """Begin, with what an earlier server left in hand."""
        self._spool.items.release(self.holder)
        self._thread.start()

    def has_ended(self, seconds: float) -> bool:
        """Wait for the end, for some seconds; say whether it came."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def work(self) -> None:
        """Answer what waits; forget old jobs and crashes' files now and then."""
        now = time.time()
        if now - self._tidied > _TIDY_SECONDS:
            self._spool.jobs.prune(now - _KEEP_SECONDS)
            self._spool.sweep()
            self._tidied = now
        super().work()

    def source(self, item: Item) -> Source:
        """Say what is to be answered: a film, or what was wrong with it at once."""
        found = super().source(item)
        if "error" in item.source:
            values = json.loads(item.source["values"])
            found = replace(found, data=ImageError(item.source["error"], **values))
        return replace(found, findings=wanted_by(item.source))

    def finish(self, item: Item, outcome: Outcome) -> None:
        """Write an answer down."""
        self._metrics.film(outcome.error)
        self._spool.items.finish(item, file_record(replace(outcome, name=item.name)))


def as_source(findings: Asked) -> dict[str, str]:
    """Write what is wanted of a job's film beside it."""
    return {_FINDINGS: findings} if findings else {}


def wanted_by(source: Mapping[str, str]) -> Asked:
    """Read what is wanted of a job's film."""
    return cast("Point", source[_FINDINGS]) if _FINDINGS in source else False
