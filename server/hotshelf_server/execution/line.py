"""The calls of one version: those that wait, those that run, and the batches that are still being filled."""

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from typing import Any

from hotshelf_server.execution.job import Job, Phase

RECENT = 16
"""Computations that the pace is taken from."""

STALE_SECONDS = 1.0
"""Age from which the pace says nothing: a model that nobody was let in to would never show that it is quicker now."""


class Pace:
    """How long computing took lately, in seconds."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._at = float("-inf")

    def add(self, seconds: float, now: float) -> None:
        """One more."""
        self._recent.append(seconds)
        self._at = now

    def fastest(self, now: float) -> float:
        """What computing takes at least; 0 when that isn't known."""
        return min(self._recent) if self._recent and self.is_known(now) else 0.0

    def is_known(self, now: float) -> bool:
        """Whether it says anything."""
        return now - self._at < STALE_SECONDS

    def mean(self, now: float) -> float:
        """What computing takes; 0 when that isn't known."""
        return sum(self._recent) / len(self._recent) if self._recent and self.is_known(now) else 0.0


class Batch:
    """Jobs that will be computed as one. ``closed``: it goes with those that are in."""

    def __init__(self, leader: Job[Any]) -> None:
        self.jobs: list[Job[Any]] = [leader]
        self.rows = leader.rows
        self.max_rows = leader.rows
        self.closed = False

    @property
    def full(self) -> bool:
        """Whether no row has room."""
        return self.rows >= self.max_rows

    def takes(self, job: Job[Any]) -> bool:
        """Whether there is room for a job's rows."""
        return self.rows + job.rows <= self.max_rows

    def add(self, job: Job[Any]) -> None:
        """Take a job in."""
        job.phase = Phase.JOINED
        self.jobs.append(job)
        self.rows += job.rows

    def remove(self, job: Job[Any]) -> bool:
        """Let one that joined go; whether it was in."""
        if job not in self.jobs[1:]:
            return False
        self.jobs.remove(job)
        self.rows -= job.rows
        return True

    def earliest_deadline(self) -> float:
        """When the first of the callers gives up; infinite when none does."""
        return min((one.terms.deadline for one in self.jobs if one.terms.deadline is not None), default=float("inf"))


class Line:
    """The state of one version's calls. Guarded by the executor's lock; decides nothing."""

    def __init__(self) -> None:
        self.running = 0
        self.filling: dict[Hashable, Batch] = {}
        self.pace = Pace()
        self._waiting: dict[int, OrderedDict[Job[Any], None]] = {}
        self.length = 0
        """Jobs that wait."""

    def says_something(self, now: float) -> bool:
        """Whether anybody runs or waits, or did lately."""
        return bool(self.running or self.length or self.filling) or self.pace.is_known(now)

    def push(self, job: Job[Any]) -> None:
        """Put a job behind those of its priority."""
        job.phase = Phase.WAITING
        self._waiting.setdefault(job.terms.priority, OrderedDict())[job] = None
        self.length += 1

    def remove(self, job: Job[Any]) -> bool:
        """Let a waiting job go; whether it waited."""
        level = self._waiting.get(job.terms.priority)
        if level is None or job not in level:
            return False
        del level[job]
        if not level:
            del self._waiting[job.terms.priority]
        self.length -= 1
        return True

    def waiting(self) -> Iterator[Job[Any]]:
        """Those that wait, in the order in which they will be served; a copy, so that they may be removed."""
        for priority in sorted(self._waiting):
            yield from list(self._waiting.get(priority, ()))

    def first(self) -> Job[Any] | None:
        """Who is served next."""
        return next(iter(self._waiting[min(self._waiting)])) if self._waiting else None

    def ahead_of(self, priority: int) -> int:
        """How many are served before one who comes now with this priority."""
        return sum(len(level) for one, level in self._waiting.items() if one <= priority)
