"""What the server counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from headstart.web.journal import Entry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
_METHODS = {"GET", "HEAD", "POST", "OPTIONS"}


class Metrics:
    """Counters of one server. Labels come from us, never from a sender: their number is bounded."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "headstart_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "headstart_request_seconds",
            "From the head of a request to its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._inputs = Counter(
            "headstart_inputs", "Inputs by what became of them.", ["model", "outcome"], registry=self.registry
        )
        self._sizes = Histogram(
            "headstart_batch_inputs", "Inputs a batch.", ["model"], buckets=_SIZES, registry=self.registry
        )
        self._batches = Histogram(
            "headstart_batch_seconds", "Time a batch.", ["model"], buckets=_SECONDS, registry=self.registry
        )

    def request(self, entry: Entry) -> None:
        """Count a request."""
        route = entry.route or "none"
        method = entry.method if entry.method in _METHODS else "other"
        self._requests.labels(route, method, str(entry.status)).inc()
        self._seconds.labels(route).observe(entry.seconds)

    def inputs(self, model: str, good: int, bad: int) -> None:
        """Count inputs of a request."""
        self._inputs.labels(model, "answered").inc(good)
        self._inputs.labels(model, "unusable").inc(bad)

    def batch(self, model: str) -> Callable[[int, float], None]:
        """Return what counts the batches of a model."""
        sizes, seconds = self._sizes.labels(model), self._batches.labels(model)

        def told(size: int, took: float) -> None:
            sizes.observe(size)
            seconds.observe(took)

        return told

    def watch(self, name: str, text: str, read: Callable[[], dict[str, float]], label: str = "model") -> None:
        """Show numbers that are looked up when they are asked for."""
        self.registry.register(_Watched(name, text, read, label))

    def text(self) -> bytes:
        """Return everything in Prometheus' format."""
        return generate_latest(self.registry)


class _Watched(Collector):
    def __init__(self, name: str, text: str, read: Callable[[], dict[str, float]], label: str) -> None:
        self._about = name, text
        self._read = read
        self._label = label

    def collect(self) -> list[Metric]:
        family = GaugeMetricFamily(*self._about, labels=[self._label])
        for value, number in self._read().items():
            family.add_metric([value], number)
        return [family]
