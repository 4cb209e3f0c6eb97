"""Counts of the copies that shadow versions got."""

import threading
from collections import Counter
from collections.abc import Container, Mapping
from enum import Enum

from hotshelf_server.core.types import VersionId


class ShadowOutcome(Enum):
    """What became of a copy."""

    SAME = "same"
    DIFFERENT = "different"
    FAILED = "failed"
    DROPPED = "dropped"


class ShadowCounts:
    """By version and outcome. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[VersionId, ShadowOutcome]] = Counter()

    def add(self, version: VersionId, outcome: ShadowOutcome) -> None:
        """One more."""
        with self._lock:
            self._counts[version, outcome] += 1

    def versions(self) -> set[VersionId]:
        """What is counted."""
        with self._lock:
            return {version for version, _ in self._counts}

    def keep(self, versions: Container[VersionId]) -> None:
        """Forget all versions but these."""
        with self._lock:
            for version, outcome in list(self._counts):
                if version not in versions:
                    del self._counts[version, outcome]

    def snapshot(self) -> Mapping[tuple[VersionId, ShadowOutcome], int]:
        """A copy of all counts."""
        with self._lock:
            return dict(self._counts)
