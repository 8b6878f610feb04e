"""What answers jobs, beside the requests: from the queue, and back into it.

A killed server's claims are given back when the next one starts, so that what was in
hand is done again; an answer counts once, however often it was worked out.
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import cast

from ..classify.classifier import Classifier
from ..classify.pipeline import Outcome, Source, process_all
from ..errors import ImageError, SpoolError
from ..network.findings.points import Asked, Point
from ..records.answer import file_record
from ..spool.folder import Spool
from ..spool.item import Item
from .metrics import Metrics

KIND = "job"  # of the items
_FINDINGS = "findings"  # key of what is wanted, in an item's source

_log = logging.getLogger(__name__)
_HOLDER = "serve"
_CLAIM_SECONDS = 600.0
_POLL_SECONDS = 5.0  # another process may have put something in
_KEEP_SECONDS = 7 * 24 * 3600.0  # jobs and their answers
_TIDY_SECONDS = 3600.0


class JobWorker:
    """A thread that answers the films of jobs, on the threads of the pipeline."""

    def __init__(self, classifier: Classifier, spool: Spool, metrics: Metrics) -> None:
        self._classifier, self._spool, self._metrics = classifier, spool, metrics
        self._came, self._stopping = Event(), False
        self._thread: Thread | None = None
        self._tidied = 0.0
        self._in_hand: dict[str, Item] = {}

    def start(self) -> None:
        """Begin, with what an earlier server left in hand."""
        self._spool.items.release(_HOLDER)
        self._thread = Thread(target=self._run, name="xray-jobs", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at once whether there is something to do."""
        self._came.set()

    def stop(self) -> None:
        """End after the films in work."""
        self._stopping = True
        self._came.set()

    def has_ended(self, seconds: float) -> bool:
        """Wait for the end, for some seconds; say whether it came."""
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        has_failed = False
        while not self._stopping:
            try:
                if has_failed:  # a disk that was full is no fault of the films
                    self._spool.items.release(_HOLDER, counts=False)
                has_failed = False
                self._tidy()
                self._work()
            except (SpoolError, OSError) as error:
                has_failed = True
                _log.error("%s while jobs were answered", type(error).__name__)
            self._came.wait(_POLL_SECONDS)
            self._came.clear()

    def _work(self) -> None:
        outcomes = process_all(
            self._classifier, self._claimed(), self._finish, top=0, busy=True
        )
        for _ in outcomes:
            pass

    def _claimed(self) -> Iterator[Source]:
        while not self._stopping:
            claimed = self._spool.items.claim(KIND, _HOLDER, _CLAIM_SECONDS)
            if not claimed:
                return
            for item in claimed:
                self._in_hand[str(item.id)] = item
                yield Source(str(item.id), self._data(item), wanted_by(item.source))

    def _data(self, item: Item) -> Path | ImageError:
        if "error" in item.source:
            values = json.loads(item.source["values"])
            return ImageError(item.source["error"], **values)
        return self._spool.store.path(item.file)

    def _finish(self, outcome: Outcome) -> None:
        """Write an answer down, still on its thread: none waits for another."""
        self._metrics.film(outcome.error)
        item = self._in_hand.pop(outcome.name, None)
        if item is None:  # given back meanwhile, and answered in another turn
            return
        record = file_record(replace(outcome, name=item.name))
        self._spool.items.finish(item, record)

    def _tidy(self) -> None:
        """Forget old jobs, and files that a crash left, now and then."""
        now = time.time()
        if now - self._tidied > _TIDY_SECONDS:
            self._spool.jobs.prune(now - _KEEP_SECONDS)
            self._spool.sweep()
            self._tidied = now


def as_source(findings: Asked) -> dict[str, str]:
    """Write what is wanted of a job's film beside it."""
    return {_FINDINGS: findings} if findings else {}


def wanted_by(source: Mapping[str, str]) -> Asked:
    """Read what is wanted of a job's film."""
    return cast("Point", source[_FINDINGS]) if _FINDINGS in source else False
