"""Steady calls of several clients at once, each noted."""

import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from hotshelf_client import Client, HotshelfError, RepeatPolicy

THREADS = 4
CALLS_PER_SECOND = 40.0
"""Of all threads together: a fraction of what the server can do, so that the demo shows the swap and not a queue."""
TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call: when it began (seconds since the epoch), how long it took, and which version answered; 0: it failed."""

    begun: float
    seconds: float
    version: int
    error: str = ""


class Traffic:
    """Asks for recommendations for customers in turn, with every repeat policy, while the context lasts."""

    def __init__(self, address: str, model: str, customers: Sequence[str]) -> None:
        self.calls: list[Call] = []
        self._address = address
        self._model = model
        self._questions = itertools.cycle(itertools.product(customers, RepeatPolicy))
        self._turn = threading.Lock()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, name=f"traffic-{n}", daemon=True) for n in range(THREADS)]

    def __enter__(self) -> Self:
        """Begin."""
        self._client = Client(self._address, timeout=TIMEOUT)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the running calls end, then be over."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._client.close()

    def wait_for(self, version: int, seconds: float) -> bool:
        """Wait until a version has answered; False when it doesn't within so many seconds."""
        deadline, looked_at = time.monotonic() + seconds, 0
        while time.monotonic() < deadline:
            until = len(self.calls)
            if any(call.version == version for call in self.calls[looked_at:until]):
                return True
            looked_at = until
            time.sleep(0.05)
        return False

    def _run(self) -> None:
        pause = THREADS / CALLS_PER_SECOND
        due = time.monotonic()
        while not self._over.is_set():
            self.calls.append(self._call())
            # A slow answer delays the next question; it doesn't make up for it with a burst.
            due = max(due + pause, time.monotonic())
            self._over.wait(due - time.monotonic())

    def _call(self) -> Call:
        with self._turn:
            customer, policy = next(self._questions)
        begun, start = time.time(), time.perf_counter()
        try:
            version, error = self._client.recommend(self._model, customer, repeat_policy=policy).version, ""
        except HotshelfError as failure:
            version, error = 0, str(failure)
        return Call(begun, time.perf_counter() - start, version, error)
