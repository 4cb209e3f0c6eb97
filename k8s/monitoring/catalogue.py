"""Every metric that rules and dashboards may name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotshelf_server.observability.catalogue import CATALOGUE, Kind
from hotshelf_trainer.jobs.metrics import TRAINER_METRICS

PARTS = ("_bucket", "_sum", "_count")
"""What the series of a histogram add to its name."""

OTHERS = frozenset({"up", "ALERTS", "kube_pod_container_resource_limits"})
"""Metrics of Prometheus itself, and of kube-state-metrics."""


@dataclass(frozen=True, slots=True)
class Told:
    """What server or trainer say of a metric: what it is, and what to do when it looks wrong."""

    help: str
    action: str
    histogram: bool


def known() -> Mapping[str, Told]:
    """Every metric of trainer and server by the name to ask Prometheus for."""
    found = {one.exported: Told(one.help, one.action, one.kind == "histogram") for one in TRAINER_METRICS}
    ours = {one.exported: Told(one.help, one.action, one.kind is Kind.HISTOGRAM) for one in CATALOGUE}
    return found | ours


def series() -> Iterator[str]:
    """The names of all their series."""
    for name, told in known().items():
        yield from (name + part for part in PARTS) if told.histogram else (name,)
