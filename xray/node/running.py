"""The node as a whole: what it is made of, in which order it starts and stops."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Protocol

from ..classify.classifier import Classifier
from ..errors import ConfigError, SpoolError, SpoolFullError
from ..lock import hold
from ..spool.folder import Spool
from .config import Config
from .courier import Courier
from .destinations.dicom import DicomDestination
from .scp import Scp
from .worker import HOLDER, Worker

LOCK_NAME = "node.lock"  # stays behind, and means nothing without its lock

_HOUSEKEEPING_SECONDS = 600.0
_DRAIN_SECONDS = 20.0
_LOCK_SECONDS = 1.0
_DAY = 86400.0

_log = logging.getLogger(__name__)


class _Runs(Protocol):
    def run(self) -> None: ...
    def wake(self) -> None: ...
    def stop(self) -> None: ...


class Node:
    """Receives, classifies and delivers until it is stopped.

    >>> with Node(config) as node:
    ...     node.wait()

    Args:
        config: The settings.
        classifier: None loads the settings' network.
    """

    def __init__(self, config: Config, classifier: Classifier | None = None) -> None:
        self._config = config
        self._classifier = classifier
        self._stop = threading.Event()
        self._failed = False
        self._stack = ExitStack()
        self._parts: list[_Runs] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Node":
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.scp.port

    def wait(self) -> bool:
        """Wait until somebody asks it to stop; False where a part of it failed."""
        while not self._stop.wait(_HOUSEKEEPING_SECONDS):
            with suppress(SpoolFullError):  # said by those who keep films
                self._keep_house()
        return not self._failed

    def ask_to_stop(self) -> None:
        """Let `wait` return; safe in a signal handler."""
        self._stop.set()

    def stop(self) -> None:
        """Take no more films, finish those in hand, and let go of the spool."""
        self._stop.set()
        self.scp.stop(_DRAIN_SECONDS)
        for part in self._parts:
            part.stop()
        until = time.monotonic() + _DRAIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._stack.close()

    def _start(self) -> None:
        config = self._config
        self.spool = self._stack.enter_context(Spool(config.spool, config.keep_free))
        lock = hold(config.spool / LOCK_NAME, _LOCK_SECONDS)  # --status may look
        if not self._stack.enter_context(lock):
            raise SpoolError(
                f"Expected no other node to work on {config.spool}. Received: one "
                "does. Stop it, or give this one a spool of its own."
            )
        self.spool.items.release(HOLDER)
        self.spool.deliveries.release(HOLDER)
        self._keep_house()
        couriers = [
            Courier(config, self.spool, each, self.reported)
            for each in config.destinations
        ]

        def classified() -> None:
            for courier in couriers:
                courier.wake()

        classifier = self._classifier or Classifier.load(config.weights)
        if config.findings:
            classifier.require_findings()
        worker = Worker(config, self.spool, classifier, classified)
        self._parts = [worker, *couriers]
        self.scp = Scp(config, self.spool, worker.wake, self.reported)
        try:
            self.scp.start()
        except OSError as error:
            raise ConfigError(
                f"Expected to listen on {config.host} port {config.port}. Received: "
                f"{error.strerror}. Choose another host or port in [node]."
            ) from error
        for number, part in enumerate(self._parts):
            thread = threading.Thread(
                target=self._guarded,
                args=(part.run,),
                name=f"xray-node-{number}",
                daemon=True,
            )
            thread.start()
            self._threads.append(thread)

    def reported(self, title: str, kept: Sequence[str], missing: Sequence[str]) -> None:
        """Write down what a PACS promises to keep, and send again what it lacks."""
        for each in self._config.destinations:
            if isinstance(each, DicomDestination) and each.ae_title == title:
                self.spool.deliveries.committed(each.name, kept)
                self.spool.deliveries.uncommitted(each.name, missing)

    def _keep_house(self) -> None:
        self.spool.items.prune(time.time() - self._config.keep_days * _DAY)
        self.spool.sweep()

    def _guarded(self, run: Callable[[], None]) -> None:
        """End the node where a part of it fails: what starts it again loses nothing."""
        try:
            run()
        except Exception as error:  # noqa: BLE001  # said here, then all ends
            # Where, but not what: the words of an error may hold what a header says.
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.critical("%s: the node stops\n%s", type(error).__name__, where)
            self._failed = True
            self._stop.set()
