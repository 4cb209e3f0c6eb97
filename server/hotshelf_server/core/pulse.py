"""Holds processes up again and again, so that they take a share of the time on processors that are idle, too.

A busy process slows its neighbours even where it has the lowest priority: they share caches and memory with it, and a
thread that wakes up may find its processor taken until the next tick of the system's clock.
"""

import os
import signal
import time
from contextlib import suppress

RUN_SECONDS = 0.001
REST_SECONDS = 0.003


class Pulse:
    """Stops and continues process groups in turn. For one thread, which waits for `seconds_left` and calls `beat`."""

    def __init__(self, limit: float) -> None:
        """``limit``: seconds after which a process is held up no more."""
        self._limit = limit
        self._until: dict[int, float] = {}
        self._running = True
        self._next = 0.0

    def add(self, process: int) -> None:
        """Hold up the group that a process leads."""
        self._until[process] = time.monotonic() + self._limit

    def discard(self, process: int) -> None:
        """The process has ended."""
        self._until.pop(process, None)

    def seconds_left(self) -> float | None:
        """Until the next beat; None when there is nobody to hold up."""
        return max(0.0, self._next - time.monotonic()) if self._until else None

    def beat(self) -> None:
        """Stop or continue all when it is time to."""
        now = time.monotonic()
        if not self._until or now < self._next:
            return
        self._running = not self._running
        self._next = now + (RUN_SECONDS if self._running else REST_SECONDS)
        for process, until in list(self._until.items()):
            with suppress(ProcessLookupError, PermissionError):  # it leads no group yet, or not any more
                os.killpg(process, signal.SIGCONT if self._running else signal.SIGSTOP)
            if self._running and now > until:
                self.discard(process)
