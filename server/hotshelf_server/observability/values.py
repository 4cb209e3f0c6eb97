"""What is seen of the tensors of calls: inputs against their profile, and outputs."""

import threading
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hotshelf_server.core.types import Array, Tensors, VersionId
from hotshelf_server.observability.catalogue.data import VALUE_BUCKETS
from hotshelf_server.observability.drift import InputDrift
from hotshelf_server.observability.histogram import Histogram
from hotshelf_server.observability.taps import Taken, Taps
from hotshelf_store.profile import Profile

MAX_OUTPUTS = 16
"""Outputs of a version that are looked at."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one version: drift by feature, the rows that it is told from, and values by output."""

    drift: Mapping[str, float]
    drift_rows: int
    outputs: Mapping[str, Histogram]


@dataclass(slots=True)
class _Counts:
    drift: InputDrift | None = None
    outputs: dict[str, Histogram] = field(default_factory=dict)


class Values:
    """By version. Thread-safe; `offer` never waits for a scrape."""

    def __init__(self) -> None:
        self._taps = Taps()
        self.offer = self._taps.offer
        """Takes the version, the inputs and the outputs of one answered call."""
        self._lock = threading.Lock()
        self._counts: dict[VersionId, _Counts] = {}

    def look(self, profiles: Mapping[VersionId, Profile | None], now: float) -> Mapping[VersionId, Seen]:
        """Count what was taken since the last look; ``now`` is on the monotonic clock. All that was seen."""
        with self._lock:
            for version in self._taps.versions():
                found = self._counts.setdefault(version, _Counts())
                profile = profiles.get(version)
                if found.drift is None and profile is not None:
                    found.drift = InputDrift(profile)
                _count(found, self._taps.drain(version), now)
            return {version: _seen(found) for version, found in self._counts.items()}

    def versions(self) -> set[VersionId]:
        """What is counted, or waits to be."""
        with self._lock:
            return self._taps.versions() | self._counts.keys()

    def forget_waiting(self, versions: Collection[VersionId]) -> None:
        """Give up what was taken of all versions but these and not counted yet: it is held for nobody any more."""
        self._taps.keep(versions)

    def keep(self, versions: Container[VersionId]) -> None:
        """Forget all versions but these."""
        with self._lock:
            self._taps.keep(versions)
            self._counts = {one: found for one, found in self._counts.items() if one in versions}


def _count(found: _Counts, taken: Sequence[Taken], now: float) -> None:
    if found.drift is not None:
        found.drift.add([one.inputs for one in taken], now)
    for one in taken:
        _count_outputs(found.outputs, one.outputs)


def _seen(found: _Counts) -> Seen:
    outputs = {name: histogram.copy() for name, histogram in found.outputs.items()}
    if found.drift is None:
        return Seen({}, 0, outputs)
    return Seen(found.drift.indices(), found.drift.rows, outputs)


def _count_outputs(histograms: dict[str, Histogram], outputs: Tensors) -> None:
    for name, array in outputs.items():
        if array.dtype.kind not in "iuf" or (name not in histograms and len(histograms) >= MAX_OUTPUTS):
            continue
        histogram = histograms.setdefault(name, Histogram(VALUE_BUCKETS))
        for value in _finite(array):
            histogram.add(value)


def _finite(array: Array) -> list[float]:
    with np.errstate(invalid="ignore"):  # some of the many NaN are said to be no values
        numbers = array.astype(np.float64).ravel()
    found: list[float] = numbers[np.isfinite(numbers)].tolist()
    return found
