"""Lets calls in, or refuses them at the door: too many, too late, or the server is leaving."""

import threading
from collections.abc import Callable

from hotshelf_server.core.errors import DeadlineExceeded, Overloaded, Refusal, ServerDraining

RETRY_AFTER = 0.1
"""Seconds after which a refused caller may come again."""


class Admission:
    """Counts calls in and out."""

    def __init__(self, refusing: Callable[[], bool]) -> None:
        """``refusing`` tells whether the call on this thread is one too many."""
        self._refusing = refusing
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._running = 0
        self._closed = False

    @property
    def running(self) -> int:
        """Calls that run now."""
        return self._running

    @property
    def closed(self) -> bool:
        """Whether no more are admitted."""
        return self._closed

    def close(self) -> None:
        """Admit no more."""
        with self._lock:
            self._closed = True

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait for the calls that run, for so many seconds at most; whether all have ended."""
        with self._lock:
            return self._idle.wait_for(lambda: self._running == 0, seconds)

    def slot(self, seconds_left: float | None) -> "Slot":
        """What a call is run in, by ``with``.

        Entering it raises `Overloaded`, `ServerDraining`, or `DeadlineExceeded` when its time is already up.
        """
        return Slot(self, seconds_left)

    def enter(self, seconds_left: float | None) -> None:
        """A call begins. Raises as `slot` says."""
        if seconds_left is not None and seconds_left <= 0:
            raise DeadlineExceeded("the deadline passed before the call was begun")
        if self._refusing():
            raise Overloaded("as many calls run or wait as this server takes", RETRY_AFTER, refusal=Refusal.SERVER_FULL)
        with self._lock:
            if self._closed:
                raise ServerDraining("the server is stopping; another replica can answer")
            self._running += 1

    def leave(self) -> None:
        """A call has ended."""
        with self._lock:
            self._running -= 1
            if self._closed and not self._running:
                self._idle.notify_all()


class Slot:
    """The time from a call's begin to its end. A class, since every call pays for it, and a generator costs more."""

    __slots__ = ("_admission", "_seconds_left")

    def __init__(self, admission: Admission, seconds_left: float | None) -> None:
        self._admission = admission
        self._seconds_left = seconds_left

    def __enter__(self) -> None:
        self._admission.enter(self._seconds_left)

    def __exit__(self, *_: object) -> None:
        self._admission.leave()
