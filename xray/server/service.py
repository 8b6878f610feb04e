"""What the routes of one server share."""

from dataclasses import dataclass

from fastapi import Request

from ..classify.classifier import Classifier
from ..labels import Language
from ..spool.folder import Spool
from .job_worker import JobWorker
from .metrics import Metrics
from .problems import preferred_language
from .settings import Settings
from .work import Work


@dataclass(slots=True)
class Service:
    """One server: its network, its settings, its work and its counts."""

    classifier: Classifier
    settings: Settings
    work: Work
    metrics: Metrics
    spool: Spool | None = None
    worker: JobWorker | None = None  # None where there is no spool
    stopping: bool = False  # SIGTERM came

    def stop(self) -> None:
        """Be ready no more, and begin no further film of a job."""
        self.stopping = True
        if self.worker is not None:
            self.worker.stop()

    def jobs_came(self) -> None:
        """Begin with new jobs at once."""
        if self.worker is not None:
            self.worker.wake()


def service_of(request: Request) -> Service:
    """Find the server that a request came to."""
    service: Service = request.app.state.service
    return service


def spool_of(request: Request) -> Spool:
    """Find the queue of a server that has one; others lack the routes that ask."""
    spool = service_of(request).spool
    assert spool is not None
    return spool


def language_of(request: Request) -> Language:
    """Choose the language to answer a request in."""
    return preferred_language(request.headers.get("accept-language", ""))
