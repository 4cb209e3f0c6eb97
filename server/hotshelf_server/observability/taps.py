"""A few rows of a few calls, kept until the next scrape, which looks at them: what calls pay is a count.

How many calls pass between two that are taken follows from how many there were before the last scrape, so that what is
taken is spread over the time between scrapes, and costs the same at any rate.
"""

import threading
from collections.abc import Container, Sequence
from typing import NamedTuple

from hotshelf_server.core.types import Array, Tensors, VersionId

CALLS = 128
"""Calls of a version that are to be taken between two scrapes."""

MAX_CALLS = 256
"""Calls that are kept at most, should they come faster than before."""

ROWS = 16
"""First rows of a call that are taken."""

MAX_ROW_BYTES = 1024
"""Tensors with longer rows, such as images, are left out: they are no columns of a table."""


class Taken(NamedTuple):
    """The first rows of one call's inputs and outputs, by name."""

    inputs: Tensors
    outputs: Tensors


class _Tap:
    __slots__ = ("seen", "stride", "taken")

    def __init__(self) -> None:
        self.seen = 0
        self.stride = 1
        self.taken: list[Taken] = []


class Taps:
    """One tap for each version. Threads may miss each other's counts, which a sample can bear; none is ever waited for
    but to make a tap."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taps: dict[VersionId, _Tap] = {}

    def offer(self, version: VersionId, inputs: Tensors, outputs: Tensors) -> None:
        """One answered call; its arrays may be changed or freed afterwards."""
        tap = self._taps.get(version)
        if tap is None:
            tap = self._made(version)
        tap.seen += 1
        if tap.seen % tap.stride == 0 and len(tap.taken) < MAX_CALLS:
            tap.taken.append(Taken(_head(inputs), _head(outputs)))

    def drain(self, version: VersionId) -> Sequence[Taken]:
        """What was taken since the last time."""
        tap = self._taps.get(version)
        if tap is None:
            return ()
        found, tap.taken = tap.taken, []
        tap.stride = max(1, tap.seen // CALLS)
        tap.seen = 0
        return found

    def versions(self) -> set[VersionId]:
        """Those that were called."""
        return set(self._taps)

    def keep(self, versions: Container[VersionId]) -> None:
        """Forget all versions but these."""
        with self._lock:
            self._taps = {one: tap for one, tap in self._taps.items() if one in versions}

    def _made(self, version: VersionId) -> _Tap:
        with self._lock:
            return self._taps.setdefault(version, _Tap())


def _head(tensors: Tensors) -> Tensors:
    return {name: array[:ROWS].copy() for name, array in tensors.items() if _is_tabular(array)}


def _is_tabular(array: Array) -> bool:
    return 1 <= array.ndim <= 2 and array.nbytes <= MAX_ROW_BYTES * max(1, len(array))
