"""One call on its way through the executor."""

import threading
from collections.abc import Callable, Hashable
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from hotshelf_server.core.types import Response, Tensors, Times, VersionId

Result = TypeVar("Result")


class WouldWait(Exception):
    """What was to be done at once would have to wait, and was not begun. It is done elsewhere: no caller sees this."""


class Phase(Enum):
    """Where a job is. ``NEW → WAITING → LEADING → DONE``, or joined by another, or dropped before it was computed."""

    NEW = "new"
    WAITING = "waiting"
    JOINED = "joined"
    LEADING = "leading"
    DONE = "done"
    DROPPED = "dropped"


class Part(NamedTuple):
    """What makes a job one that can be joined with others of an equal ``key``: its inputs, and who computes several."""

    key: Hashable
    inputs: Tensors
    predict: Callable[[Tensors], Response]


class Patience(NamedTuple):
    """How long a caller waits, as they say it.

    ``seconds_left`` is the time to their deadline, None without one; ``priority`` is 1 for the first served, 0 for the
    model's default; ``timeout_seconds`` is the longest wait for a turn; ``at_once``: who must wait is to hear
    `WouldWait` instead.
    """

    seconds_left: float | None = None
    priority: int = 0
    timeout_seconds: float | None = None
    at_once: bool = False


class Terms(NamedTuple):
    """Under which terms a job waits. Moments are those of the monotonic clock, in seconds.

    ``priority`` is 1 for the first served; ``deadline`` is when the caller gives up, ``wait_until`` when waiting ends;
    ``elsewhere`` is true for a model that computes in a process of its own, and so takes none of the server's places.
    """

    priority: int
    deadline: float | None = None
    wait_until: float | None = None
    elsewhere: bool = False
    at_once: bool = False


class Job(Generic[Result]):
    """A call: what computes it, the terms on which it waits, and what became of it. The executor's lock guards it."""

    __slots__ = ("_latch", "arrived", "compute", "error", "id", "part", "phase", "result", "rows", "terms", "times")

    def __init__(
        self,
        version: VersionId,
        compute: Callable[[], Result],
        terms: Terms,
        part: Part | None = None,
        *,
        rows: int = 1,
    ) -> None:
        """``compute`` answers this job alone; ``rows`` are those of its request, 1 where it has none."""
        self.id = version
        self.compute = compute
        self.terms = terms
        self.part = part
        self.rows = rows
        self.phase = Phase.NEW
        self.times = Times()
        self.arrived = 0.0
        self.result: Result | None = None
        self.error: Exception | None = None
        self._latch: threading.Lock | None = None

    def hold(self) -> None:
        """Make `wait` wait. Called before another thread may know of the job."""
        self._latch = threading.Lock()
        self._latch.acquire()

    def wait(self, seconds: float | None) -> bool:
        """Wait for `wake`; whether it came within so many seconds."""
        if self._latch is None:
            return True
        return self._latch.acquire(timeout=-1 if seconds is None else max(0.0, seconds))

    def wake(self) -> None:
        """End the wait: the phase says what came of it."""
        if self._latch is not None and self._latch.locked():
            self._latch.release()

    def succeed(self, result: Result) -> None:
        """Done, with an answer."""
        self.result = result
        self.phase = Phase.DONE

    def fail(self, error: Exception) -> None:
        """Done, without one."""
        self.error = error
        self.phase = Phase.DONE
