"""Adds up what each worker counted of the versions: the numbers behind ModelStatistics and GetTraffic."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar

from hotshelf_server.core.answers import Ask
from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.sketch import Sketch
from hotshelf_server.observability.statistics import (
    BatchStatistics,
    Duration,
    ResponseStatistics,
    Statistics,
    VersionStatistics,
)
from hotshelf_server.observability.traffic import Traffic, VersionTraffic
from hotshelf_server.workers.deeds import STATISTICS, TRAFFIC
from hotshelf_server.workers.link import Deed

ASK_SECONDS = 5.0
"""How long workers have to tell."""

Record = TypeVar("Record")


class Sums:
    """Of all workers that answer; those of a worker that has died are lost."""

    def __init__(self, statistics: Statistics, traffic: Traffic, ask: Ask, replica_id: str) -> None:
        self._statistics = statistics
        self._traffic = traffic
        self._ask = ask
        self._replica_id = replica_id

    @property
    def deeds(self) -> Mapping[str, Deed]:
        """What this worker tells when any of them is asked."""
        return {
            STATISTICS: lambda _: self._tell_statistics,
            TRAFFIC: lambda model: lambda: _written_traffic(self._traffic.snapshot(model)),
        }

    def statistics(self) -> Mapping[VersionId, VersionStatistics]:
        """By version. Raises `DeadlineExceeded`."""
        found: dict[VersionId, VersionStatistics] = {}
        for said in self._ask(STATISTICS, "", ASK_SECONDS).said.values():
            for model, version, plain in json.loads(said):
                one = VersionId(model, version)
                found[one] = added(found.get(one, VersionStatistics()), _read_statistics(plain))
        return found

    def traffic(self, model: str) -> tuple[str, Mapping[int, VersionTraffic]]:
        """The replica's name, and a model's traffic by version. The name changes when a worker has ended, and its
        counts with it. Raises `DeadlineExceeded`."""
        answers = self._ask(TRAFFIC, model, ASK_SECONDS)
        found: dict[int, VersionTraffic] = {}
        for said in answers.said.values():
            for version, one in _read_traffic(said):
                found[version] = found.get(version, VersionTraffic()) + one
        name = f"{self._replica_id}-{answers.epoch}" if answers.epoch else self._replica_id
        return name, dict(sorted(found.items()))

    def _tell_statistics(self) -> str:
        counted = self._statistics.snapshot()
        return json.dumps([[one.model, one.version, asdict(counts)] for one, counts in counted.items()])


def added(one: Record, other: Record) -> Record:
    """The sums of two records' numbers, of those within them, and of those by the same key; of moments the later."""
    if not is_dataclass(one) or not is_dataclass(other):
        raise TypeError(f"{type(one).__name__}: expected a record")
    sums: dict[str, Any] = {}
    for field in fields(one):
        mine, yours = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, dict):
            sums[field.name] = _added_by_key(mine, yours)
        elif is_dataclass(mine):
            sums[field.name] = added(mine, yours)
        else:
            sums[field.name] = max(mine, yours) if field.name == "last" else mine + yours
    made: Callable[..., Record] = type(one)
    return made(**sums)


def _added_by_key(mine: Mapping[int, Any], yours: Mapping[int, Any]) -> dict[int, Any]:
    both = {key: added(mine[key], yours[key]) for key in mine.keys() & yours.keys()}
    return {**mine, **yours, **both}


def _read_statistics(plain: Mapping[str, Any]) -> VersionStatistics:
    found: dict[str, Any] = {
        name: Duration(**value) if isinstance(value, dict) and name not in ("batches", "responses") else value
        for name, value in plain.items()
    }
    found["batches"] = _by_number(plain["batches"], BatchStatistics)
    found["responses"] = _by_number(plain["responses"], ResponseStatistics)
    return VersionStatistics(**found)


def _by_number(plain: Mapping[str, Mapping[str, Any]], kind: Callable[..., Record]) -> dict[int, Record]:
    return {int(key): kind(**{name: Duration(**value) for name, value in one.items()}) for key, one in plain.items()}


def _written_traffic(versions: Mapping[int, VersionTraffic]) -> str:
    return json.dumps(
        [
            [version, one.ok, one.failed, one.refused, one.latency, list(one.scores.buckets.items())]
            for version, one in versions.items()
        ]
    )


def _read_traffic(said: str) -> Iterable[tuple[int, VersionTraffic]]:
    for version, ok, failed, refused, latency, scores in json.loads(said):
        yield version, VersionTraffic(ok, failed, refused, latency, Sketch(dict(scores)))
