"""What the server counts, as Prometheus reads it; nothing of a patient or a file."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ..errors import XrayError
from ..spool.folder import Spool
from ..spool.status import read_status

_SECONDS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 30, 60, 120)


class Metrics:
    """Counts of one server, apart from those of others in the same process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "xray_requests",
            "Requests, by path pattern.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "xray_request_seconds",
            "Seconds from a request to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._refusals = Counter(
            "xray_refusals",
            "Requests and files that were refused, by key of the message.",
            ["key"],
            registry=self._registry,
        )
        self._films = Counter(
            "xray_films", "Files that were answered.", registry=self._registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def refused(self, key: str) -> None:
        """Count a request or a file that was refused."""
        self._refusals.labels(key).inc()

    def film(self, error: XrayError | None) -> None:
        """Count a file that was answered, or why it was not."""
        if error is None:
            self._films.inc()
        else:
            self.refused(getattr(error, "key", type(error).__name__))

    def watch(self, name: str, what: str, read: Callable[[], float]) -> None:
        """Show a number that is read whenever somebody asks."""
        Gauge(name, what, registry=self._registry).set_function(read)

    def watch_spool(self, spool: Spool) -> None:
        """Show how much waits in the queue, and what was given up."""
        self._registry.register(_SpoolCollector(spool))

    def text(self) -> bytes:
        """Write all counts in Prometheus' text format."""
        return generate_latest(self._registry)


class _SpoolCollector(Collector):
    """Reads the queue whenever somebody asks, whichever process filled it."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the numbers of `xray node --status`, and those of jobs."""
        status = read_status(self._spool)
        items = {("dicom", step.value): n for step, n in status.items.items()}
        items |= {("job", step.value): n for step, n in status.jobs.items()}
        hour = status.last_hour
        yield _gauges(
            "xray_queue_items",
            "Files in the queue; received: not yet classified, dead: given up.",
            ["kind", "state"],
            items.items(),
        )
        yield _gauges(
            "xray_queue_deliveries",
            "What goes out; dead: given up.",
            ["destination", "state"],
            status.deliveries.items(),
        )
        yield _gauges(
            "xray_last_hour_failures",
            "Instances that are dead or wait to be tried again, by reason.",
            ["reason"],
            (([reason], count) for reason, count in hour.failed.items()),
        )
        for name, what, value in (
            ("last_hour_received", "Instances received in an hour.", hour.received),
            ("last_hour_delivered", "Instances delivered in an hour.", hour.delivered),
            ("queue_conflicts", "Other bytes under a known UID.", status.conflicts),
            ("queue_oldest_seconds", "Age of the first.", status.oldest_seconds),
            ("queue_free_bytes", "Left on the queue's disk.", status.free_bytes),
        ):
            yield GaugeMetricFamily(f"xray_{name}", what, value)


def _gauges(
    name: str,
    what: str,
    labels: list[str],
    counts: Iterable[tuple[Sequence[str], float]],
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=labels)
    for values, count in counts:
        family.add_metric(values, count)
    return family
