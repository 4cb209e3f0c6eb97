"""What was counted of a version, and what of it belongs to one window of time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Counts:
    """Calls of one version that were answered (``ok``) and that the server or model ``failed``.

    ``latency`` counts answered calls by the upper end of their bucket in seconds; ``scores`` counts scores by bucket,
    in the order of the scores.
    """

    ok: int = 0
    failed: int = 0
    latency: Counter[float] = field(default_factory=Counter)
    scores: Counter[int] = field(default_factory=Counter)

    @property
    def calls(self) -> int:
        """Calls that speak for or against the version."""
        return self.ok + self.failed

    def __add__(self, other: "Counts") -> "Counts":
        """The counts of both."""
        return Counts(
            self.ok + other.ok, self.failed + other.failed, self.latency + other.latency, self.scores + other.scores
        )

    def since(self, earlier: "Counts") -> "Counts":
        """What came after ``earlier``; all of it where counting began anew in between."""
        if self.ok < earlier.ok or self.failed < earlier.failed:
            return self
        return Counts(
            self.ok - earlier.ok,
            self.failed - earlier.failed,
            self.latency - earlier.latency,
            self.scores - earlier.scores,
        )


ByVersion = Mapping[int, Counts]
"""Counts by version."""


class Window:
    """Adds up what replicas counted since each was first seen.

    A replica's name is new with each start, so a restart loses what came before its first look, and never counts twice
    or below nothing. So does a replica that did not answer for a while.
    """

    def __init__(self) -> None:
        self._last: Mapping[str, ByVersion] = {}
        self._total: dict[int, Counts] = {}

    def add(self, seen: Mapping[str, ByVersion]) -> None:
        """What each replica by name has counted in all by now."""
        for replica, versions in seen.items():
            if replica in self._last:
                self._add(self._last[replica], versions)
        self._last = seen

    def counts(self, version: int) -> Counts:
        """What was counted of a version within the window."""
        return self._total.get(version, Counts())

    def _add(self, before: ByVersion, now: ByVersion) -> None:
        for version, counts in now.items():
            self._total[version] = self.counts(version) + counts.since(before.get(version, Counts()))
