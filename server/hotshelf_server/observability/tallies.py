"""Answered calls that wait to be counted together: by one call it costs an entry in a queue."""

import threading
from collections import deque
from collections.abc import Callable, Container
from typing import NamedTuple

import numpy as np

from hotshelf_server.core.types import Array, VersionId

TOGETHER = 256
"""Calls that are counted at once; so many entries wait at most, but for those that come meanwhile."""


class Answered(NamedTuple):
    """One call, in seconds but for its rows; ``at`` is its end, since the epoch. ``computed`` are the rows of its
    computation, 0 where it was computed together with a call that says them."""

    rows: int
    computed: int
    decode: float
    queue: float
    compute: float
    encode: float
    total: float
    at: float


class AnsweredCalls(NamedTuple):
    """Calls in the order in which they ended: each field of `Answered` as an array [calls] of float64."""

    rows: Array
    computed: Array
    decode: Array
    queue: Array
    compute: Array
    encode: Array
    total: Array
    at: Array


def nothing_waits() -> None:
    """For counts that no tally adds to."""


Count = Callable[[VersionId, AnsweredCalls], None]
"""Counts calls of a version."""


class Tally:
    """The calls of one version."""

    __slots__ = ("_count", "_lock", "_version", "_waiting", "add")

    def __init__(self, version: VersionId, count: Count) -> None:
        self._version = version
        self._count = count
        self._lock = threading.Lock()
        self._waiting: deque[Answered] = deque()
        self.add = self._waiting.append
        """Takes one call, from any thread. Who adds looks now and then whether it is `full`."""

    @property
    def full(self) -> bool:
        """Whether it is time to `settle`."""
        return len(self._waiting) >= TOGETHER

    def settle(self) -> None:
        """Count all that waits."""
        with self._lock:
            waiting = self._waiting
            found = [waiting.popleft() for _ in range(len(waiting))]
            if found:
                self._count(self._version, AnsweredCalls(*np.array(found).T))


class Tallies:
    """One for each version that was asked for. Thread-safe."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._tallies: dict[VersionId, Tally] = {}

    def of(self, version: VersionId) -> Tally:
        """A version's tally, made when there is none."""
        with self._lock:
            found = self._tallies.get(version)
            if found is None:
                found = self._tallies[version] = Tally(version, self._count)
            return found

    def settle(self) -> None:
        """Count all that waits, of all versions."""
        with self._lock:
            tallies = list(self._tallies.values())
        for tally in tallies:
            tally.settle()

    def keep(self, versions: Container[VersionId]) -> None:
        """Forget all versions but these, once their calls are counted."""
        self.settle()
        with self._lock:
            self._tallies = {one: tally for one, tally in self._tallies.items() if one in versions}
