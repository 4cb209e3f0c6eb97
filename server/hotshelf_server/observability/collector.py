"""Turns the server's own numbers into Prometheus families, when Prometheus asks."""

from collections.abc import Iterable, Iterator

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from hotshelf_server.core.interfaces import Clock
from hotshelf_server.observability.catalogue import calls as call_metrics
from hotshelf_server.observability.catalogue import data as data_metrics
from hotshelf_server.observability.catalogue import models as model_metrics
from hotshelf_server.observability.families import family, histogram_family, of_version
from hotshelf_server.observability.histogram import Histogram
from hotshelf_server.observability.model_families import model_families
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.sample import Sample, Sampler
from hotshelf_server.observability.statistics import VersionStatistics
from hotshelf_server.observability.triton import triton_families


class ServerCollector(Collector):
    """One scrape: the counts of calls and a sample of the server."""

    def __init__(
        self, records: Records, sampler: Sampler, clock: Clock, *, version: str, states: Iterable[str], triton: bool
    ) -> None:
        """``version`` is the server's own, ``states`` are those of a version; ``triton``: its metrics as well."""
        self._records = records
        self._sampler = sampler
        self._clock = clock
        self._version = version
        self._states = tuple(states)
        self._triton = triton

    def collect(self) -> Iterator[Metric]:
        """Every family of the catalogue but those of the process."""
        sample = self._sampler()
        self._records.expire([one.id for one in sample.versions], self._clock.monotonic())
        yield from self._call_families()
        yield from self._flow_families(sample)
        yield from self._data_families(sample)
        yield from model_families(sample, self._states)
        yield family(model_metrics.BUILD, [((self._version,), 1)])
        if self._triton:
            yield from triton_families(self._records, sample)

    def _call_families(self) -> Iterator[Metric]:
        found = self._records.calls.snapshot()
        series = [((key.method, key.model, str(key.version or "")), one) for key, one in found.series.items()]
        yield family(
            call_metrics.CALLS,
            [((*labels, code), count) for labels, one in series for code, count in one.codes.items()],
        )
        yield histogram_family(call_metrics.CALL_SECONDS, [(labels, one.duration) for labels, one in series])
        yield histogram_family(
            call_metrics.QUEUE_SECONDS, [(labels, one.queue) for labels, one in series if any(one.queue.counts)]
        )
        yield histogram_family(
            call_metrics.COMPUTE_SECONDS, [(labels, one.compute) for labels, one in series if any(one.compute.counts)]
        )
        yield family(
            call_metrics.REFUSED,
            [((method, model, reason.value), count) for (method, model, reason), count in found.refusals.items()],
        )

    def _flow_families(self, sample: Sample) -> Iterator[Metric]:
        yield family(call_metrics.RUNNING, [((), sample.running)])
        yield family(call_metrics.LIMIT, [((), sample.limit)])
        yield family(call_metrics.STREAMS, [((), sample.streams)])
        yield family(call_metrics.WAITING, [((model,), count) for model, count in sample.waiting_by_model().items()])
        yield histogram_family(
            call_metrics.BATCH_ROWS,
            [(of_version(version), batch_rows(one)) for version, one in self._records.counted().items()],
        )
        shadows = self._records.shadows.snapshot()
        yield family(
            call_metrics.SHADOW_CALLS,
            [(of_version(version, outcome.value), count) for (version, outcome), count in shadows.items()],
        )
        recommended = self._records.recommendations.snapshot(self._clock.monotonic())
        yield family(
            call_metrics.RECOMMENDATIONS,
            [
                (of_version(version, fallback.value), count)
                for version, one in recommended.items()
                for fallback, count in one.fallbacks.items()
            ],
        )
        yield histogram_family(
            call_metrics.RECOMMENDATION_SCORE,
            [(of_version(version), one.scores) for version, one in recommended.items()],
        )
        yield family(
            data_metrics.COVERAGE, [(of_version(version), one.coverage) for version, one in recommended.items()]
        )

    def _data_families(self, sample: Sample) -> Iterator[Metric]:
        seen = self._records.values.look({one.id: one.profile for one in sample.versions}, self._clock.monotonic())
        yield family(
            data_metrics.DRIFT,
            [(of_version(version, name), psi) for version, one in seen.items() for name, psi in one.drift.items()],
        )
        yield family(
            data_metrics.DRIFT_ROWS,
            [(of_version(version), one.drift_rows) for version, one in seen.items() if one.drift_rows],
        )
        yield histogram_family(
            data_metrics.OUTPUT_VALUE,
            [
                (of_version(version, name), values)
                for version, one in seen.items()
                for name, values in one.outputs.items()
            ],
        )


def batch_rows(counts: VersionStatistics) -> Histogram:
    """Computations by rows. Sizes that the statistics round up stay in their bucket; the sum is exact."""
    found = Histogram(call_metrics.ROW_BUCKETS)
    for rows, batch in counts.batches.items():
        found.add(rows, batch.compute.count)
    found.sum = counts.rows
    return found
