"""Everything that calls leave behind: counts, statistics, traffic, traces, and what became of shadow copies."""

import threading
from collections.abc import Iterable, Mapping

from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.calls import CallCounts
from hotshelf_server.observability.recommendations import RecommendationCounts
from hotshelf_server.observability.retention import AllBut, Retention
from hotshelf_server.observability.shadow import ShadowCounts
from hotshelf_server.observability.statistics import Statistics, VersionStatistics
from hotshelf_server.observability.tallies import AnsweredCalls, Tallies
from hotshelf_server.observability.tracing import Tracer
from hotshelf_server.observability.traffic import Traffic
from hotshelf_server.observability.values import Values


class Records:
    """One of each."""

    def __init__(self, retention: Retention[VersionId] | None = None) -> None:
        """``retention`` says how long metrics keep the versions that have gone."""
        self.tallies = Tallies(self._count)
        self.calls = CallCounts(self.tallies.settle)
        self.statistics = Statistics(self.tallies.settle)
        self.shadows = ShadowCounts()
        self.recommendations = RecommendationCounts()
        self.values = Values()
        self.traffic = Traffic(self.tallies.settle)
        self.tracer = Tracer()
        self._lock = threading.Lock()
        self._retention = retention or Retention[VersionId]()
        self._set_aside: dict[VersionId, VersionStatistics] = {}

    def keep(self, versions: Iterable[VersionId], now: float) -> None:
        """Forget the versions that are no longer here: at once, and for the metrics after a while.

        ``now`` is on the monotonic clock. To be called after each change.
        """
        here = frozenset(versions)
        self.tallies.settle()
        with self._lock:
            self.traffic.keep(here)
            self.values.forget_waiting(here)
            self._set_aside |= self.statistics.keep(here)
        self.expire(here, now)

    def expire(self, versions: Iterable[VersionId], now: float) -> None:
        """End the series of versions that have long been gone. To be called before each scrape.

        A version that came just now may be absent from ``versions``: it loses nothing by that.
        """
        loaded = frozenset(versions)
        here = loaded | {VersionId(one.model, 0) for one in loaded} | {VersionId("", 0)}
        with self._lock:
            kept = (self.calls, self.shadows, self.recommendations, self.values)
            counted = set(self._set_aside).union(*(counts.versions() for counts in kept))
            # What calls are counted for from now on was not looked at, and loses nothing.
            staying = AllBut(counted - self._retention.staying(counted, here, now))
            self._set_aside = {one: counts for one, counts in self._set_aside.items() if one in staying}
            for counts in kept:
                counts.keep(staying)
        self.tallies.keep(staying)

    def counted(self) -> Mapping[VersionId, VersionStatistics]:
        """Statistics of all versions, and for a while of those that have gone."""
        with self._lock:
            return {**self._set_aside, **self.statistics.snapshot()}

    def _count(self, version: VersionId, calls: AnsweredCalls) -> None:
        """Count calls of ModelInfer that were tallied."""
        self.calls.answered(("ModelInfer", version.model, version.version), calls)
        self.statistics.answered_shortly(version, calls)
        self.traffic.answered(version, calls)
