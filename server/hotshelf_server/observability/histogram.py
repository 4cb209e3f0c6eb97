"""A histogram in plain numbers, turned into Prometheus' samples when it asks."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from hotshelf_server.core.types import Array

EXEMPLAR_SECONDS = 1.0
"""How often a bucket takes a new exemplar: the look for one costs, and Prometheus keeps one a scrape."""


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One observation with the trace that it belongs to; ``at`` is in seconds since the epoch."""

    trace_id: str
    span_id: str
    value: float
    at: float


def in_buckets(bounds: tuple[float, ...], values: Array) -> list[int]:
    """How many of the values [n] fall in each bucket; the last is without bound."""
    found: list[int] = np.bincount(np.searchsorted(bounds, values), minlength=len(bounds) + 1).tolist()
    return found


class Histogram:
    """Observations in each bucket (the last is without bound), and their sum. Guarded by its owner's lock."""

    __slots__ = ("_bounds", "_due", "counts", "exemplars", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._due = [float("-inf")] * (len(bounds) + 1)
        self.counts = [0] * (len(bounds) + 1)
        self.exemplars: dict[int, Exemplar] = {}
        self.sum = 0.0

    def add(self, value: float, times: int = 1) -> int:
        """Count an observation that was made so many times; the bucket that it fell in."""
        place = bisect_left(self._bounds, value)
        self.counts[place] += times
        self.sum += value * times
        return place

    def add_all(self, values: Array) -> None:
        """Count many observations [n]."""
        for place, count in enumerate(in_buckets(self._bounds, values)):
            self.counts[place] += count
        self.sum += float(values.sum())

    def wants_exemplar(self, place: int, now: float) -> bool:
        """Whether a bucket should be shown an exemplar; asks again after a while. ``now`` is monotonic."""
        if now < self._due[place]:
            return False
        self._due[place] = now + EXEMPLAR_SECONDS
        return True

    def copy(self) -> "Histogram":
        """Its numbers as they are now."""
        copied = Histogram(self._bounds)
        copied.counts = list(self.counts)
        copied.exemplars = dict(self.exemplars)
        copied.sum = self.sum
        return copied
