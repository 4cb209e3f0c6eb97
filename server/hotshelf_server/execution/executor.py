"""Who computes when. Each call computes on the thread that it came on, once the executor gives it a place.

A model has so many places, and so has the server. Calls that find none wait in their version's line, by priority and
then in the order in which they came; lines are bounded, and served in turn. Each version has a line and places of its
own, so that a canary or shadow that hangs holds up nobody else. Where a model's calls are joined, the one
that gets a place leads: it takes in those that fit, computes for all of them, and wakes them with their answers.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from hotshelf_server.core.errors import Cancelled, DeadlineExceeded, ModelFault, Refusal
from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.model_settings import ModelSettings
from hotshelf_server.core.types import VersionId
from hotshelf_server.execution.computing import compute
from hotshelf_server.execution.estimates import refuse_late, refuse_too_many, terms
from hotshelf_server.execution.filling import fill, gather, join
from hotshelf_server.execution.job import Job, Patience, Phase, Terms, WouldWait
from hotshelf_server.execution.line import Line
from hotshelf_server.observability.statistics import Statistics

Result = TypeVar("Result")


class Cancellation(Protocol):
    """Tells when the caller has gone, such as ``grpc.ServicerContext.add_callback``."""

    def __call__(self, gone: Callable[[], None], /) -> bool:
        """Have ``gone`` called then; False when it has gone already."""
        ...


class Executor:
    """Gives places to calls. Thread-safe."""

    def __init__(
        self, settings_of: Callable[[str], ModelSettings], places: int, clock: Clock, statistics: Statistics
    ) -> None:
        """``places``: calls that this process computes at once."""
        self._settings_of = settings_of
        self._places = places
        self._clock = clock
        self._statistics = statistics
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._lines: dict[VersionId, Line] = {}
        self._turns: OrderedDict[VersionId, None] = OrderedDict()
        """Versions that calls wait for, in the order in which they are served next."""
        self._running = 0

    def waiting(self) -> dict[VersionId, int]:
        """How many calls wait for each version that was called lately."""
        with self._lock:
            return {version: line.length for version, line in self._lines.items()}

    def joins(self, model: str) -> bool:
        """Whether a model's calls are joined into batches."""
        return self._settings_of(model).batching is not None

    def is_soon_done(self, version: VersionId, seconds: float) -> bool:
        """Whether a call would be given a place now, and be computed in so many seconds by the pace of late."""
        settings = self._settings_of(version.model)
        now = self._clock.monotonic()
        with self._lock:
            line = self._lines.get(version)
            if line is None or line.length or settings.batching is not None or self._running >= self._places:
                return False
            return 0 < line.pace.mean(now) <= seconds

    def settings_of(self, model: str) -> ModelSettings:
        """How a model's calls are computed: the same object until that changes."""
        return self._settings_of(model)

    def has_room(self, version: VersionId, settings: ModelSettings) -> bool:
        """Whether a call would be given a place now, if the settings are still these. A look without the lock."""
        line = self._lines.get(version)
        return (
            self._running < self._places
            and (line is None or not line.length)
            and self._settings_of(version.model) is settings
        )

    def terms(self, model: str, patience: Patience, *, elsewhere: bool) -> Terms:
        """The terms that a caller's patience comes to for a model. Raises `InvalidInput` for an unknown priority."""
        return terms(self._settings_of(model).queue, patience, self._clock.monotonic(), elsewhere=elsewhere)

    def run(self, job: Job[Result], cancellation: Cancellation | None = None) -> Result:
        """Wait for a place, compute, and answer.

        Raises `Overloaded` when the line is full, `DeadlineExceeded` for what can't be met or was not met in time,
        `Cancelled` when the caller has gone, and whatever the computing raised.
        """
        if self._enter(job) or self._wait(job, cancellation):
            self._lead(job)
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[return-value]  # a job that is done without an error has a result

    @contextmanager
    def place(self, job: Job[Any], cancellation: Cancellation | None = None) -> Iterator[None]:
        """Hold a place for as long as the block takes: for answers that come in several parts. Raises as `run` does."""
        if not (self._enter(job) or self._wait(job, cancellation)):
            raise job.error or Cancelled("the call was dropped")
        try:
            self._require_time(job)
            started = self._clock.monotonic()
            job.times.queue = started - job.arrived
            yield
            job.times.compute = self._clock.monotonic() - started
            self._statistics.executed(job.id, job.rows, job.times)
        finally:
            self._leave(job)

    def _enter(self, job: Job[Any]) -> bool:
        """Whether the job has a place; otherwise it waits. Raises `Overloaded`, `DeadlineExceeded`, `WouldWait`."""
        settings = self._settings_of(job.id.model)
        if job.terms.at_once and settings.batching is not None:
            raise WouldWait
        with self._lock:
            job.arrived = now = self._clock.monotonic()
            line = self._lines.get(job.id) or self._new_line(job.id, now)
            places = self._places_of(job, settings)
            refuse_late(job, line, settings, places, now)
            filling = bool(line.filling)
            joined = join(job, line)
            if filling:
                self._changed.notify_all()
            if joined:
                return False
            if not line.length and self._is_free(job, line, places):
                self._take(job, line)
                return True
            if job.terms.at_once:
                raise WouldWait
            refuse_too_many(job, line, settings, places, now)
            job.hold()
            line.push(job)
            self._turns.setdefault(job.id)
            return False

    def _new_line(self, version: VersionId, now: float) -> Line:
        """A line for a version that had none; those that say nothing any more are forgotten."""
        self._lines = {one: line for one, line in self._lines.items() if line.says_something(now)}
        line = self._lines[version] = Line()
        return line

    def _wait(self, job: Job[Any], cancellation: Cancellation | None) -> bool:
        """Whether the job was given a place; False when another computed it, or it was dropped. Raises as `run`."""
        if cancellation is not None and not cancellation(lambda: self._gone(job)):
            self._gone(job)
        ends = [moment for moment in (job.terms.deadline, job.terms.wait_until) if moment is not None]
        while not job.wait(min(ends) - self._clock.monotonic() if ends else None):
            late = DeadlineExceeded(
                "the call waited too long for its turn", refusal=Refusal.WAITED_TOO_LONG, model=job.id.model
            )
            if self._drop(job, late) or job.phase is not Phase.JOINED:
                break
            # It is just being computed: only the caller's own deadline ends that.
            ends = [] if job.terms.deadline is None else [job.terms.deadline]
            self._require_time(job)
        return job.phase is Phase.LEADING

    def _gone(self, job: Job[Any]) -> None:
        self._drop(job, Cancelled("the caller has gone", model=job.id.model))

    def _drop(self, job: Job[Any], error: Exception) -> bool:
        """Whether the job could still be taken out of those that wait."""
        with self._lock:
            line = self._lines.get(job.id)
            if line is None or not (line.remove(job) or any(batch.remove(job) for batch in line.filling.values())):
                return False
            job.error = error
            job.phase = Phase.DROPPED
        job.wake()
        return True

    def _lead(self, job: Job[Any]) -> None:
        jobs = [job]
        try:
            self._require_time(job)
            jobs = self._gather(job)
            seconds = compute(jobs, self._clock, self._statistics)
            self._lines[job.id].pace.add(seconds, self._clock.monotonic())
        finally:
            self._leave(job)
            for other in jobs[1:]:
                if other.phase is not Phase.DONE:
                    other.fail(ModelFault("the call that this one was joined with ended in a fault of the server"))
                other.wake()

    def _gather(self, job: Job[Any]) -> list[Job[Any]]:
        """The jobs to compute together with the one that leads: those that wait already, and maybe some that come."""
        batching = self._settings_of(job.id.model).batching
        if batching is None or job.part is None:
            return [job]
        with self._lock:
            line = self._lines[job.id]
            batch = gather(job, line, batching)
            if not batch.closed:
                fill(batch, line, batching, self._changed, self._clock)
            return batch.jobs

    def _require_time(self, job: Job[Any]) -> None:
        if job.terms.deadline is not None and self._clock.monotonic() >= job.terms.deadline:
            raise DeadlineExceeded("the deadline passed before there was an answer", model=job.id.model)

    def _leave(self, job: Job[Any]) -> None:
        """Give the place back, and the next their turn."""
        with self._lock:
            self._lines[job.id].running -= 1
            self._running -= not job.terms.elsewhere
            granted = list(self._grants()) if self._turns else ()
        for one in granted:
            one.wake()

    def _grants(self) -> Iterator[Job[Any]]:
        """Give free places to the lines in turn, until there is none, or nobody who may take one."""
        passed = 0
        while passed < len(self._turns):
            version, _ = self._turns.popitem(last=False)
            line = self._lines.get(version)
            job = line.first() if line else None
            if line is None or job is None:
                continue
            self._turns[version] = None
            if not self._is_free(job, line, self._places_of(job, self._settings_of(version.model))):
                passed += 1
                continue
            passed = 0
            line.remove(job)
            self._take(job, line)
            yield job

    def _take(self, job: Job[Any], line: Line) -> None:
        job.phase = Phase.LEADING
        line.running += 1
        self._running += not job.terms.elsewhere

    def _is_free(self, job: Job[Any], line: Line, places: int) -> bool:
        return line.running < places and (job.terms.elsewhere or self._running < self._places)

    def _places_of(self, job: Job[Any], settings: ModelSettings) -> int:
        """Calls of the job's version that may be computed at once."""
        if settings.concurrency is not None:
            return settings.concurrency
        return 1 if settings.batching or job.terms.elsewhere else self._places
