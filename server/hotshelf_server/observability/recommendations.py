"""Counts of the answers of recommenders."""

import threading
from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from hotshelf_server.core.recommendation import Fallback, Recommendations
from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.catalogue.calls import SCORE_BUCKETS
from hotshelf_server.observability.coverage import Coverage
from hotshelf_server.observability.histogram import Histogram


@dataclass(slots=True)
class VersionRecommendations:
    """Answers of one version by fallback, the scores of their first products, and the share of its products that were
    answered of late."""

    fallbacks: Counter[Fallback] = field(default_factory=Counter)
    scores: Histogram = field(default_factory=lambda: Histogram(SCORE_BUCKETS))
    coverage: float = 0.0


class RecommendationCounts:
    """By version. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._versions: dict[VersionId, VersionRecommendations] = {}
        self._coverages: dict[VersionId, Coverage] = {}

    def add(self, version: VersionId, answer: Recommendations, now: float) -> None:
        """Count one answer; ``now`` is on the monotonic clock."""
        with self._lock:
            found = self._versions.get(version)
            if found is None:
                found = self._versions[version] = VersionRecommendations()
                self._coverages[version] = Coverage()
            found.fallbacks[answer.fallback] += 1
            self._coverages[version].add([item.product for item in answer.items], answer.catalogue, now)
            if answer.items:
                found.scores.add(answer.items[0].score)

    def versions(self) -> set[VersionId]:
        """What is counted."""
        with self._lock:
            return set(self._versions)

    def keep(self, versions: Container[VersionId]) -> None:
        """Forget all versions but these."""
        with self._lock:
            self._versions = {one: counts for one, counts in self._versions.items() if one in versions}
            self._coverages = {one: coverage for one, coverage in self._coverages.items() if one in versions}

    def snapshot(self, now: float) -> Mapping[VersionId, VersionRecommendations]:
        """A copy of all counts; ``now`` is on the monotonic clock."""
        with self._lock:
            return {
                version: VersionRecommendations(
                    Counter(one.fallbacks), one.scores.copy(), self._coverages[version].ratio(now)
                )
                for version, one in self._versions.items()
            }
