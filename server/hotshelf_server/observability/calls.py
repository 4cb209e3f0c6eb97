"""Counts calls in plain numbers; Prometheus families are made of them at scrape time."""

import threading
from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hotshelf_server.core.errors import Refusal
from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.observability.catalogue.calls import DURATION_BUCKETS
from hotshelf_server.observability.histogram import Histogram
from hotshelf_server.observability.tallies import AnsweredCalls, nothing_waits

MODEL_CALLS = frozenset({"ModelInfer", "ModelStreamInfer", "Recommend"})
"""Methods that let a model compute."""


class SeriesKey(NamedTuple):
    """What calls are told apart by. ``model`` is empty for one that is not served, ``version`` 0 for none."""

    method: str
    model: str
    version: int


class CallSeries:
    """Calls of one method, model and version: their codes, and how long they took, waited and computed."""

    __slots__ = ("codes", "compute", "duration", "queue")

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.duration = Histogram(DURATION_BUCKETS)
        self.queue = Histogram(DURATION_BUCKETS)
        self.compute = Histogram(DURATION_BUCKETS)

    def copy(self) -> "CallSeries":
        """Its numbers as they are now."""
        copied = CallSeries()
        copied.codes = dict(self.codes)
        copied.duration, copied.queue, copied.compute = self.duration.copy(), self.queue.copy(), self.compute.copy()
        return copied


class Place(NamedTuple):
    """A bucket that wants an exemplar."""

    histogram: Histogram
    bucket: int


@dataclass(frozen=True, slots=True)
class CallSnapshot:
    """Copies of all counts; refusals by method, model and reason."""

    series: Mapping[SeriesKey, CallSeries]
    refusals: Mapping[tuple[str, str, Refusal], int]


class CallCounts:
    """Calls by method, model and version. Labels are bounded: unknown models count under an empty name."""

    def __init__(self, settle: Callable[[], None] = nothing_waits) -> None:
        """``settle`` has counted what waits to be counted; called before anybody reads."""
        self._settle = settle
        self._lock = threading.Lock()
        self._series: dict[tuple[str, str, int], CallSeries] = {}
        self._refusals: Counter[tuple[str, str, Refusal]] = Counter()

    def record(
        self, key: tuple[str, str, int], code: str, seconds: float, times: Times | None, now: float
    ) -> Place | None:
        """Count one call that ended, under a `SeriesKey` or a plain tuple, which is made faster.

        ``times`` are those of an answer, ``now`` is monotonic. The bucket that it fell in, when that wants an exemplar.
        """
        with self._lock:
            series = self._series.get(key)
            if series is None:
                series = self._series[key] = CallSeries()
            codes = series.codes
            codes[code] = codes.get(code, 0) + 1
            if times is not None:
                series.queue.add(times.queue)
                series.compute.add(times.compute)
            duration = series.duration
            bucket = duration.add(seconds)
            return Place(duration, bucket) if duration.wants_exemplar(bucket, now) else None

    def answered(self, key: tuple[str, str, int], calls: AnsweredCalls) -> None:
        """Count calls that had an answer; ``key`` as in `record`."""
        with self._lock:
            series = self._series.get(key)
            if series is None:
                series = self._series[key] = CallSeries()
            series.codes["OK"] = series.codes.get("OK", 0) + len(calls.total)
            series.queue.add_all(calls.queue)
            series.compute.add_all(calls.compute)
            series.duration.add_all(calls.total)

    def refused(self, method: str, model: str, reason: Refusal) -> None:
        """Count one call that was given up before it was answered."""
        with self._lock:
            self._refusals[method, model, reason] += 1

    def versions(self) -> set[VersionId]:
        """What is counted; version 0 stands for calls that reached none."""
        with self._lock:
            found = {VersionId(model, version) for _, model, version in self._series}
            return found | {VersionId(model, 0) for _, model, _ in self._refusals}

    def keep(self, versions: Container[VersionId]) -> None:
        """Forget all series but those of these versions."""
        with self._lock:
            for key in [one for one in self._series if VersionId(one[1], one[2]) not in versions]:
                del self._series[key]
            for refusal in [one for one in self._refusals if VersionId(one[1], 0) not in versions]:
                del self._refusals[refusal]

    def snapshot(self) -> CallSnapshot:
        """Copies of all counts."""
        self._settle()
        with self._lock:
            series = {SeriesKey(*key): one.copy() for key, one in self._series.items()}
            return CallSnapshot(series, dict(self._refusals))
