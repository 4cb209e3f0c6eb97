"""Counts calls in plain numbers; Prometheus families are made of them at scrape time."""

import threading
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from hotshelf_server.observability.catalogue import DURATION_BUCKETS


@dataclass(slots=True)
class Durations:
    """A histogram: calls in each bucket (the last is without bound), and their seconds in all."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(DURATION_BUCKETS) + 1))
    seconds: float = 0.0


class CallCounts:
    """Calls by method, model, version and code. Labels are bounded: unknown models count under an empty name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: Counter[tuple[str, str, str, str]] = Counter()
        self._durations: dict[tuple[str, str, str], Durations] = {}

    def record(self, method: str, model: str, version: str, code: str, seconds: float) -> None:
        """Count one call that ended."""
        series = (method, model, version)
        with self._lock:
            self._codes[*series, code] += 1
            durations = self._durations.get(series)
            if durations is None:
                durations = self._durations[series] = Durations()
            durations.buckets[bisect_left(DURATION_BUCKETS, seconds)] += 1
            durations.seconds += seconds

    def snapshot(self) -> tuple[dict[tuple[str, str, str, str], int], dict[tuple[str, str, str], Durations]]:
        """Copies of all counts: by method, model, version and code; and durations by method, model and version."""
        with self._lock:
            durations = {key: Durations(list(value.buckets), value.seconds) for key, value in self._durations.items()}
            return dict(self._codes), durations
