"""Bounds the calls that run at once. Beyond the bound a call is refused at once, never queued."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hotshelf_server.core.errors import DeadlineExceeded, Overloaded, ServerDraining

RETRY_AFTER = 0.1
"""Seconds after which a refused caller may come again."""


class Admission:
    """Counts calls in and out."""

    def __init__(self, limit: int) -> None:
        """``limit``: calls that may run at once."""
        self._limit = limit
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._running = 0
        self._closed = False

    @property
    def running(self) -> int:
        """Calls that run now."""
        return self._running

    def close(self) -> None:
        """Admit no more."""
        with self._lock:
            self._closed = True

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait for the calls that run, for so many seconds at most; whether all have ended."""
        with self._lock:
            return self._idle.wait_for(lambda: self._running == 0, seconds)

    @contextmanager
    def slot(self, seconds_left: float | None) -> Iterator[None]:
        """Run a call. Raises `Overloaded`, `ServerDraining`, or `DeadlineExceeded` when its time is already up."""
        if seconds_left is not None and seconds_left <= 0:
            raise DeadlineExceeded("the deadline passed before the call was begun")
        self._enter()
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if self._closed and not self._running:
                    self._idle.notify_all()

    def _enter(self) -> None:
        with self._lock:
            if self._closed:
                raise ServerDraining("the server is stopping; another replica can answer")
            if self._running >= self._limit:
                raise Overloaded(f"{self._limit} calls are running already", RETRY_AFTER, limit=self._limit)
            self._running += 1
