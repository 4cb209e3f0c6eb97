"""What became of the calls of each version: the numbers behind ModelStatistics. All durations are in seconds."""

import copy
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from hotshelf_server.core.types import Array, Times, VersionId
from hotshelf_server.observability.tallies import AnsweredCalls, nothing_waits

EXACT_ROWS = 64
"""Batch sizes up to here are counted one by one, larger ones up to the next power of two: their number is bounded."""

MAX_RESPONSES = 64
"""Responses to one request that are told apart; all later ones count as the last."""


@dataclass(slots=True)
class Duration:
    """How often something happened, and how long it took in all."""

    count: int = 0
    seconds: float = 0.0

    def add(self, seconds: float, count: int = 1) -> None:
        """Once more, or several times that took so long together."""
        self.count += count
        self.seconds += seconds

    def add_all(self, seconds: Array) -> None:
        """Several times [n]."""
        self.add(float(seconds.sum()), len(seconds))


@dataclass(slots=True)
class BatchStatistics:
    """Computations of one batch size."""

    input: Duration = field(default_factory=Duration)
    compute: Duration = field(default_factory=Duration)
    output: Duration = field(default_factory=Duration)


@dataclass(slots=True)
class ResponseStatistics:
    """Responses of one place in the answers of a model that gives several to a request."""

    compute: Duration = field(default_factory=Duration)
    success: Duration = field(default_factory=Duration)


@dataclass(slots=True)
class VersionStatistics:
    """Everything that is counted of one version.

    ``inferences`` are rows that were answered, ``executions`` computations of one or several requests, ``rows`` those
    that were computed, ``last`` when the latest answer was
    given (seconds since the epoch, 0 for never); ``batches`` by rows; ``responses`` by place, of decoupled models.
    """

    inferences: int = 0
    executions: int = 0
    rows: int = 0
    last: float = 0.0
    success: Duration = field(default_factory=Duration)
    fail: Duration = field(default_factory=Duration)
    queue: Duration = field(default_factory=Duration)
    input: Duration = field(default_factory=Duration)
    compute: Duration = field(default_factory=Duration)
    output: Duration = field(default_factory=Duration)
    batches: dict[int, BatchStatistics] = field(default_factory=dict)
    responses: dict[int, ResponseStatistics] = field(default_factory=dict)

    def batch(self, rows: int) -> BatchStatistics:
        """The computations of so many rows."""
        size = _size(rows)
        found = self.batches.get(size)
        if found is None:
            found = self.batches[size] = BatchStatistics()
        return found


class Statistics:
    """Counts, by version. Thread-safe."""

    def __init__(self, settle: Callable[[], None] = nothing_waits) -> None:
        """``settle`` has counted what waits to be counted; called before anybody reads."""
        self._settle = settle
        self._lock = threading.Lock()
        self._versions: dict[VersionId, VersionStatistics] = {}

    def executed(self, version: VersionId, rows: int, times: Times) -> None:
        """A computation gave an answer; ``rows`` were in it."""
        with self._lock:
            counts = self._of(version)
            counts.executions += 1
            counts.rows += rows
            batch = counts.batch(rows)
            batch.input.add(times.join)
            batch.compute.add(times.compute)
            batch.output.add(times.part)

    def answered(self, version: VersionId, rows: int, times: Times, now: float) -> None:
        """A request was answered, after these times; ``now`` is in seconds since the epoch."""
        with self._lock:
            counts = self._of(version)
            counts.inferences += rows
            counts.last = now
            counts.success.add(times.total)
            counts.queue.add(times.queue)
            counts.input.add(times.decode + times.join)
            counts.compute.add(times.compute)
            counts.output.add(times.part + times.encode)

    def answered_shortly(self, version: VersionId, calls: AnsweredCalls) -> None:
        """Requests were computed, and answered."""
        with self._lock:
            counts = self._of(version)
            counts.last = float(calls.at[-1])
            counts.success.add_all(calls.total)
            counts.queue.add_all(calls.queue)
            counts.input.add_all(calls.decode)
            counts.compute.add_all(calls.compute)
            counts.output.add_all(calls.encode)
            counts.inferences += int(calls.rows.sum())
            counts.rows += int(calls.computed.sum())
            for rows in set(calls.computed.tolist()) - {0.0}:
                seconds = calls.compute[calls.computed == rows]
                counts.executions += len(seconds)
                batch = counts.batch(int(rows))
                batch.input.add(0.0, len(seconds))
                batch.compute.add_all(seconds)
                batch.output.add(0.0, len(seconds))

    def failed(self, version: VersionId, total: float) -> None:
        """A request that had come to this version ended in an error."""
        with self._lock:
            self._of(version).fail.add(total)

    def responded(self, version: VersionId, place: int, seconds: float) -> None:
        """One of several responses to a request was given, so long after the one before it."""
        with self._lock:
            responses = self._of(version).responses
            counts = responses.setdefault(min(place, MAX_RESPONSES - 1), ResponseStatistics())
            counts.compute.add(seconds)
            counts.success.add(seconds)

    def keep(self, versions: Collection[VersionId]) -> dict[VersionId, VersionStatistics]:
        """Forget all versions but these, and hand over the others: what is no longer loaded must not pile up."""
        with self._lock:
            return {version: self._versions.pop(version) for version in self._versions.keys() - set(versions)}

    def snapshot(self) -> Mapping[VersionId, VersionStatistics]:
        """A copy of everything."""
        self._settle()
        with self._lock:
            return copy.deepcopy(self._versions)

    def _of(self, version: VersionId) -> VersionStatistics:
        found = self._versions.get(version)
        if found is None:
            found = self._versions[version] = VersionStatistics()
        return found


def _size(rows: int) -> int:
    return rows if rows <= EXACT_ROWS else 1 << (rows - 1).bit_length()
