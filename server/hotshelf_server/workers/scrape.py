"""One scrape of a server with several workers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from hotshelf_server.core.clock import Clock
from hotshelf_server.observability.catalogue import CATALOGUE, Over
from hotshelf_server.observability.catalogue.models import STATE
from hotshelf_server.observability.retention import Retention
from hotshelf_server.workers.families import Family, Key
from hotshelf_server.workers.merging import merged
from hotshelf_server.workers.totals import Totals, Worker

OVER: Mapping[str, Over] = {spec.name: spec.over_workers for spec in CATALOGUE}
"""What each family is over all workers, by its name."""

COUNTED = (Over.TOTAL, Over.COUNTED_ALIKE)

Version = tuple[str, str]
"""The labels model and version; an empty version for calls that reached none."""


class Scrape:
    """Remembers what each worker told last, and makes one answer of it. For one thread."""

    def __init__(self, clock: Clock, retention: Retention[Version] | None = None) -> None:
        """``retention`` says how long the counts of workers and versions that have gone are told."""
        self._clock = clock
        self._retention = retention or Retention[Version]()
        self._last: dict[Worker, list[Family]] = {}
        self._heads: dict[str, Family] = {}
        self._totals: dict[str, Totals] = {}

    def heard(self, worker: Worker, families: list[Family]) -> None:
        """What a worker tells now."""
        self._last[worker] = families
        for family in families:
            self._heads.setdefault(family.name, replace(family, series={}))
            over = _over(family)
            if over in COUNTED:
                self._totals.setdefault(family.name, Totals(alike=over is Over.COUNTED_ALIKE))
        series = {family.name: family.series for family in families}
        for name, totals in self._totals.items():
            totals.heard(worker, series.get(name, {}))

    def gone(self, worker: Worker) -> None:
        """A worker has ended: what it counted stays, what it was does not."""
        self._last.pop(worker, None)
        for totals in self._totals.values():
            totals.gone(worker)

    def families(self, serving: Callable[[Worker], bool]) -> Iterable[Family]:
        """Every family. Gauges are those of workers that are ``serving``."""
        told = [families for worker, families in self._last.items() if serving(worker)]
        self._expire(told)
        for name, head in self._heads.items():
            if name in self._totals:
                yield replace(head, series=self._totals[name].total())
            else:
                series = [one.series for families in told for one in families if one.name == name]
                yield replace(head, series=merged(series, _over(head)))

    def _expire(self, told: Iterable[Iterable[Family]]) -> None:
        states = [one for families in told for one in families if one.name == STATE.name]
        loaded = {version for one in states for key in one.series if (version := _version(key))}
        here = loaded | {(model, "") for model, _ in loaded} | {("", "")}
        counted = {version for one in self._totals.values() for key in one.labels() if (version := _version(key))}
        staying = self._retention.staying(counted, here, self._clock.monotonic())

        def wanted(key: Key) -> bool:
            version = _version(key)
            return version is None or version in staying

        for totals in self._totals.values():
            totals.keep(wanted)


def _over(family: Family) -> Over:
    """A family that the catalogue doesn't know is one of prometheus_client's that a newer release has."""
    return OVER.get(family.name, Over.TOTAL if family.kind in ("counter", "histogram") else Over.HIGHEST)


def _version(key: Key) -> Version | None:
    """Of which version the labels are; None for what is no version's."""
    labels = dict(key)
    return (labels["model"], labels.get("version", "")) if "model" in labels else None
