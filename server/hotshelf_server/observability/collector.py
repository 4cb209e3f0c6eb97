"""Turns the server's own numbers into Prometheus families, when Prometheus asks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from hotshelf_server.observability import catalogue
from hotshelf_server.observability.records import Records


@dataclass(frozen=True, slots=True)
class VersionSample:
    """What is told of one version."""

    model: str
    version: int
    state: str
    load_seconds: float
    failures: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What the server tells of itself at one moment. ``waiting`` are calls by model, ``routes`` are
    (model, alias, version, weight)."""

    ready: bool
    running: int
    waiting: Mapping[str, int]
    store_errors: int
    versions: Iterable[VersionSample]
    routes: Iterable[tuple[str, str, int, int]]


class ServerCollector(Collector):
    """One scrape: the counts of calls and a sample of the server."""

    def __init__(self, records: Records, sample: Callable[[], Sample], version: str, states: Iterable[str]) -> None:
        self._records = records
        self._sample = sample
        self._version = version
        self._states = tuple(states)

    def collect(self) -> Iterator[Metric]:
        """Every family of the catalogue."""
        yield from self._call_families()
        sample = self._sample()
        yield _gauge(catalogue.RUNNING, [((), sample.running)])
        yield _gauge(catalogue.WAITING, [((model,), count) for model, count in sample.waiting.items()])
        yield _gauge(catalogue.READY, [((), sample.ready)])
        yield _counter(catalogue.STORE_ERRORS, [((), sample.store_errors)])
        yield from self._version_families(list(sample.versions))
        yield _gauge(
            catalogue.ROUTE,
            [((model, alias, str(version)), weight) for model, alias, version, weight in sample.routes],
        )
        yield _counter(
            catalogue.SHADOW_CALLS,
            [
                ((version.model, str(version.version), outcome.value), count)
                for (version, outcome), count in self._records.shadows.snapshot().items()
            ],
        )
        build = InfoMetricFamily(catalogue.BUILD.name, catalogue.BUILD.help)
        build.add_metric((), {"version": self._version})
        yield build

    def _call_families(self) -> Iterator[Metric]:
        codes, durations = self._records.calls.snapshot()
        yield _counter(catalogue.CALLS, codes.items())
        spec = catalogue.CALL_SECONDS
        family = HistogramMetricFamily(spec.name, spec.help, labels=spec.labels)
        bounds = [*map(str, catalogue.DURATION_BUCKETS), "+Inf"]
        for labels, value in durations.items():
            buckets = list(zip(bounds, map(float, accumulate(value.buckets)), strict=True))
            family.add_metric(labels, buckets, sum_value=value.seconds)
        yield family

    def _version_families(self, versions: list[VersionSample]) -> Iterator[Metric]:
        yield _gauge(
            catalogue.STATE,
            [((one.model, str(one.version), state), one.state == state) for one in versions for state in self._states],
        )
        yield _gauge(
            catalogue.LOAD_SECONDS,
            [((one.model, str(one.version)), one.load_seconds) for one in versions if one.load_seconds],
        )
        yield _counter(catalogue.LOAD_FAILURES, [((one.model, str(one.version)), one.failures) for one in versions])


Points = Iterable[tuple[tuple[str, ...], float]]
"""Label values and the value."""


def _gauge(spec: catalogue.MetricSpec, points: Points) -> GaugeMetricFamily:
    family = GaugeMetricFamily(spec.name, spec.help, labels=spec.labels)
    for labels, value in points:
        family.add_metric(labels, value)
    return family


def _counter(spec: catalogue.MetricSpec, points: Points) -> CounterMetricFamily:
    family = CounterMetricFamily(spec.name, spec.help, labels=spec.labels)
    for labels, value in points:
        family.add_metric(labels, value)
    return family
