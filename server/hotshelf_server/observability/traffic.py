"""What one replica saw of each version: calls by outcome, their latency, and the scores that they were answered with.

A canary is judged by these (docs/decisions/0008-how-a-canary-is-judged.md), so they are finer than the metrics, and end
with the version.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum

from hotshelf_server.core.types import Array, VersionId
from hotshelf_server.observability.histogram import in_buckets
from hotshelf_server.observability.sketch import Sketch
from hotshelf_server.observability.tallies import AnsweredCalls, nothing_waits

LATENCY_BOUNDS = tuple(1e-5 * 1.1**step for step in range(170))
"""Upper ends in seconds, from 10 µs to 99 s: a quantile is known to 5 %."""

MAX_SCORES = 64
"""Scores of one answer that are counted."""


class Outcome(Enum):
    """How a call ended, seen from the version that it reached.

    ``FAILED`` is the server's or the model's fault. ``REFUSED`` is the caller's, or overload: it speaks neither for nor
    against the version.
    """

    OK = "ok"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(slots=True)
class VersionTraffic:
    """Calls of one version by outcome, answered ones by `LATENCY_BOUNDS` (and one bucket beyond), and their scores."""

    ok: int = 0
    failed: int = 0
    refused: int = 0
    latency: list[int] = field(default_factory=lambda: [0] * (len(LATENCY_BOUNDS) + 1))
    scores: Sketch = field(default_factory=Sketch)

    def __add__(self, other: "VersionTraffic") -> "VersionTraffic":
        """The traffic of both."""
        return VersionTraffic(
            self.ok + other.ok,
            self.failed + other.failed,
            self.refused + other.refused,
            [mine + yours for mine, yours in zip(self.latency, other.latency, strict=True)],
            self.scores + other.scores,
        )


class Traffic:
    """Counts by version. Thread-safe."""

    def __init__(self, settle: Callable[[], None] = nothing_waits) -> None:
        """``settle`` has counted what waits to be counted; called before anybody reads."""
        self._settle = settle
        self._lock = threading.Lock()
        self._versions: dict[VersionId, VersionTraffic] = {}

    def record(self, version: VersionId, outcome: Outcome, seconds: float) -> None:
        """Count one call that ended."""
        with self._lock:
            mine = self._of(version)
            match outcome:
                case Outcome.OK:
                    mine.ok += 1
                    mine.latency[bisect_left(LATENCY_BOUNDS, seconds)] += 1
                case Outcome.FAILED:
                    mine.failed += 1
                case Outcome.REFUSED:
                    mine.refused += 1

    def answered(self, version: VersionId, calls: AnsweredCalls) -> None:
        """Count calls that had an answer."""
        with self._lock:
            mine = self._of(version)
            mine.ok += len(calls.total)
            for place, count in enumerate(in_buckets(LATENCY_BOUNDS, calls.total)):
                mine.latency[place] += count

    def scores(self, version: VersionId, values: Array) -> None:
        """Count the scores of one answer, floating-point, of any shape; of many every n-th."""
        if not values.size:
            return
        sample = values.ravel()[:: -(-values.size // MAX_SCORES)]
        with self._lock:
            self._of(version).scores.add(sample)

    def snapshot(self, model: str) -> dict[int, VersionTraffic]:
        """Copies of a model's counts by version, ascending."""
        self._settle()
        with self._lock:
            mine = [
                (one.version, counts + VersionTraffic()) for one, counts in self._versions.items() if one.model == model
            ]
        return dict(sorted(mine, key=lambda pair: pair[0]))

    def keep(self, versions: Collection[VersionId]) -> None:
        """Forget all versions but these."""
        with self._lock:
            self._versions = {one: counts for one, counts in self._versions.items() if one in versions}

    def _of(self, version: VersionId) -> VersionTraffic:
        found = self._versions.get(version)
        if found is None:
            found = self._versions[version] = VersionTraffic()
        return found
