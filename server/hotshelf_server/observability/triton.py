"""Triton's inference metrics, from what the server counts anyway."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client.metrics_core import Metric

from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.calls import MODEL_CALLS, CallSnapshot
from hotshelf_server.observability.catalogue import MetricSpec
from hotshelf_server.observability.catalogue import triton as catalogue
from hotshelf_server.observability.families import by_version, family, of_version
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.sample import Sample
from hotshelf_server.observability.statistics import VersionStatistics

REASONS: Mapping[str, str] = {"RESOURCE_EXHAUSTED": "REJECTED", "CANCELLED": "CANCELED", "INTERNAL": "BACKEND"}
"""Triton's reasons by status code; every other code is OTHER."""

VALUES: Mapping[MetricSpec, Callable[[VersionStatistics], float]] = {
    catalogue.SUCCESS: lambda one: one.success.count,
    catalogue.INFERENCES: lambda one: one.inferences,
    catalogue.EXECUTIONS: lambda one: one.executions,
    catalogue.REQUEST_US: lambda one: _microseconds(one.success.seconds),
    catalogue.QUEUE_US: lambda one: _microseconds(one.queue.seconds),
    catalogue.INPUT_US: lambda one: _microseconds(one.input.seconds),
    catalogue.INFER_US: lambda one: _microseconds(one.compute.seconds),
    catalogue.OUTPUT_US: lambda one: _microseconds(one.output.seconds),
}


def triton_families(records: Records, sample: Sample) -> Iterator[Metric]:
    """All of them."""
    counted = records.counted()
    for spec, value in VALUES.items():
        yield family(spec, by_version({version: value(one) for version, one in counted.items()}))
    failures = failures_of(records.calls.snapshot())
    yield family(
        catalogue.FAILURE, [(of_version(version, reason), count) for (version, reason), count in failures.items()]
    )
    pending = {one.id: sample.waiting.get(one.id, 0) for one in sample.versions}
    yield family(catalogue.PENDING, by_version(pending))


def failures_of(calls: CallSnapshot) -> Mapping[tuple[VersionId, str], int]:
    """Requests that failed at a version, by Triton's reason."""
    found: Counter[tuple[VersionId, str]] = Counter()
    for key, one in calls.series.items():
        if key.method not in MODEL_CALLS or not key.version:
            continue
        for code, count in one.codes.items():
            if code != "OK":
                found[VersionId(key.model, key.version), REASONS.get(code, "OTHER")] += count
    return found


def _microseconds(seconds: float) -> int:
    return round(seconds * 1e6)
