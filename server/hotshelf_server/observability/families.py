"""Prometheus families from the catalogue's words and plain numbers."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.samples import Exemplar as PrometheusExemplar

from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.catalogue import Kind, MetricSpec
from hotshelf_server.observability.histogram import Histogram

Labels = tuple[str, ...]
Points = Iterable[tuple[Labels, float]]
"""Label values, in the order of the labels, and the value."""


def family(spec: MetricSpec, points: Points) -> Metric:
    """A counter, gauge, info or untyped metric. Raises `ValueError` for too few or too many label values."""
    made = Metric(spec.name, spec.help, spec.kind.value, _unit(spec))
    for values, value in points:
        made.add_sample(spec.exported, dict(zip(spec.labels, values, strict=True)), float(value))
    return made


def histogram_family(spec: MetricSpec, histograms: Iterable[tuple[Labels, Histogram]]) -> Metric:
    """A histogram with its exemplars, which the classic text leaves out. Raises as `family`."""
    made = HistogramMetricFamily(spec.name, spec.help, labels=spec.labels, unit=_unit(spec))
    bounds = [*(str(float(bound)) for bound in spec.bounds), "+Inf"]
    for values, one in histograms:
        if len(values) != len(spec.labels):
            raise ValueError(f"{spec.name}: labels {values}, expected {spec.labels}")
        made.add_metric(values, list(_buckets(bounds, one)), sum_value=one.sum)
    return made


def of_version(version: VersionId, *more: str) -> Labels:
    """The label values of a version, and more."""
    return (version.model, str(version.version), *more)


def by_version(values: Mapping[VersionId, float]) -> Points:
    """Points of metrics that have the labels of a version alone."""
    return [(of_version(version), value) for version, value in values.items()]


def _buckets(bounds: list[str], one: Histogram) -> Iterator[tuple[str, float] | tuple[str, float, PrometheusExemplar]]:
    for place, (bound, count) in enumerate(zip(bounds, accumulate(one.counts), strict=True)):
        found = one.exemplars.get(place)
        if found is None:
            yield bound, float(count)
        else:
            labels = {"trace_id": found.trace_id, "span_id": found.span_id}
            yield bound, float(count), PrometheusExemplar(labels, found.value, found.at)


def _unit(spec: MetricSpec) -> str:
    """OpenMetrics wants a name to end with its unit, which Triton's do not in its sense."""
    return "" if spec.kind is Kind.UNTYPED else spec.unit
