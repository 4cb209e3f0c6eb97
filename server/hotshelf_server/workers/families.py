"""Prometheus families as plain values that pass between processes, and can be added."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Exemplar

from hotshelf_server.observability.catalogue import MetricSpec

BUCKET = "le"
"""The label that tells the buckets of one histogram apart."""

Key = tuple[tuple[str, str], ...]
"""Labels and their values, but that of buckets."""


class Part(NamedTuple):
    """One number of a counter, gauge or histogram: the name of its sample, and the bucket's bound ("" for none)."""

    name: str
    bound: str = ""


class Number(NamedTuple):
    """Its value, and for some buckets the exemplar: labels, value, seconds since the epoch."""

    value: float
    exemplar: tuple[Mapping[str, str], float, float] | None = None


Point = Mapping[Part, Number]
"""All numbers of one counter, gauge or histogram."""

Series = Mapping[Key, Point]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with all that was counted of it. ``kind`` and ``unit`` are Prometheus' words."""

    name: str
    help: str
    kind: str
    unit: str
    series: Series


def read(metrics: Iterable[Metric]) -> Iterator[Family]:
    """What collectors give."""
    for one in metrics:
        series: dict[Key, dict[Part, Number]] = {}
        for sample in one.samples:
            key = tuple(pair for pair in sample.labels.items() if pair[0] != BUCKET)
            number = Number(sample.value, _plain(sample.exemplar))
            series.setdefault(key, {})[Part(sample.name, sample.labels.get(BUCKET, ""))] = number
        yield Family(one.name, one.documentation, one.type, one.unit, series)


def told(spec: MetricSpec, values: Mapping[tuple[str, ...], float]) -> Family:
    """A counter or gauge of the catalogue, by the values of its labels."""
    part = Part(spec.exported)
    series = {tuple(zip(spec.labels, labels, strict=True)): {part: Number(value)} for labels, value in values.items()}
    return Family(spec.name, spec.help, spec.kind.value, spec.unit, series)


def exported(family: Family) -> Metric:
    """What Prometheus is given."""
    made = Metric(family.name, family.help, family.kind, family.unit)
    for key, point in family.series.items():
        for part, number in point.items():
            labels = dict(key) | ({BUCKET: part.bound} if part.bound else {})
            exemplar = _exemplar_of(*number.exemplar) if number.exemplar else None
            made.add_sample(part.name, labels, number.value, exemplar=exemplar)
    return made


def to_plain(families: Iterable[Family]) -> list[Any]:
    """Lists, numbers and texts, for JSON."""
    return [
        [one.name, one.help, one.kind, one.unit, [[key, _rows(point)] for key, point in one.series.items()]]
        for one in families
    ]


def from_plain(plain: Iterable[Any]) -> list[Family]:
    """What `to_plain` gave. Raises `ValueError` or `TypeError` for anything else."""
    return [
        Family(
            name,
            text,
            kind,
            unit,
            {
                tuple((label, value) for label, value in key): {
                    Part(part, bound): Number(value, _exemplar(exemplar)) for part, bound, value, exemplar in rows
                }
                for key, rows in series
            },
        )
        for name, text, kind, unit, series in plain
    ]


def _rows(point: Point) -> list[Any]:
    return [[part.name, part.bound, number.value, number.exemplar] for part, number in point.items()]


def _plain(exemplar: Exemplar | None) -> tuple[Mapping[str, str], float, float] | None:
    if exemplar is None:
        return None
    return exemplar.labels, float(exemplar.value), float(exemplar.timestamp or 0.0)


def _exemplar_of(labels: Mapping[str, str], value: float, at: float) -> Exemplar:
    return Exemplar(dict(labels), value, at)


def _exemplar(plain: Any) -> tuple[Mapping[str, str], float, float] | None:
    if plain is None:
        return None
    labels, value, at = plain
    return labels, value, at
