"""The threads that load versions. One that takes long keeps no other from loading."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from hotshelf_server.core.interfaces import Clock

log = logging.getLogger(__name__)

LONG_SECONDS = 5.0
"""Time after which a load no longer counts as one of those that may run at once."""


@dataclass(eq=False, slots=True)
class _Load:
    run: Callable[[], None]
    again: bool
    began: float = 0.0


class LoadPool:
    """Runs so many loads at once, and as many again while some take long. Thread-safe.

    First attempts go before repeated ones, and one thread is for them alone: versions that fail only at the end of
    their time limit, however many, must not keep those that may be good from being tried.

    The threads stay until `close`, since the system ends a worker process together with the thread that started it;
    nothing waits for them when the process ends.
    """

    def __init__(self, places: int, clock: Clock) -> None:
        """``places``: loads at once."""
        self._places = places
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: list[_Load] = []
        self._running: list[_Load] = []
        self._threads = 0
        self._closed = False

    def submit(self, run: Callable[[], None], *, again: bool) -> None:
        """Have a load run when its turn comes. ``again``: it has failed before."""
        with self._changed:
            self._waiting.append(_Load(run, again))
            self._waiting.sort(key=lambda load: load.again)
            idle = self._threads - len(self._running)
            # No more than needed: each thread that has loaded something keeps memory of its own in the allocator.
            if idle < len(self._waiting) and self._threads < 2 * self._places:
                self._threads += 1
                threading.Thread(target=self._work, name=f"loader-{self._threads}", daemon=True).start()
            self._changed.notify()

    def look(self) -> None:
        """Start what may run by now. To be called again and again: nothing else tells that a load takes long."""
        with self._changed:
            if self._waiting:
                self._changed.notify_all()

    def clear(self) -> None:
        """Forget what waits."""
        with self._changed:
            self._waiting.clear()

    def close(self) -> None:
        """Let the threads go, each once its load has ended."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (load := self._take()) is not None:
            try:
                load.run()
            except Exception:
                log.exception("a load ended in a fault of the server")
            finally:
                self._finish(load)

    def _take(self) -> _Load | None:
        """The next load, once it may run; None when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._may_run())
            if self._closed:
                return None
            load = self._waiting.pop(0)
            load.began = self._clock.monotonic()
            self._running.append(load)
            return load

    def _may_run(self) -> bool:
        """Whether the next load may begin now."""
        if not self._waiting:
            return False
        now = self._clock.monotonic()
        if sum(now - load.began < LONG_SECONDS for load in self._running) >= self._places:
            return False
        repeated = sum(load.again for load in self._running)
        return not self._waiting[0].again or repeated < 2 * self._places - 1

    def _finish(self, load: _Load) -> None:
        with self._changed:
            self._running.remove(load)
            self._changed.notify_all()
