"""Moments in which a process has nothing else to do."""

import time
from collections.abc import Callable

LOOK_SECONDS = 0.01
SHARE = 0.2
"""Of a processor, up to which a process counts as resting."""

PATIENCE_SECONDS = 60.0


class Rest:
    """Called, waits for a moment in which this process computes next to nothing, and isn't ``busy``.

    A server that never rests is waited for no longer than ``patience`` seconds in all; from then on it returns after a
    short sleep, so that what is done between the calls takes a small share of the time.
    """

    def __init__(
        self,
        patience: float = PATIENCE_SECONDS,
        *,
        busy: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
        computed: Callable[[], float] = time.process_time,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``computed``: the process's seconds of processor time so far."""
        self._patience = patience
        self._busy = busy
        self._sleep = sleep
        self._computed = computed
        self._now = now

    def __call__(self) -> None:
        """Wait."""
        while True:
            computed, started = self._computed(), self._now()
            self._sleep(LOOK_SECONDS)
            passed = self._now() - started
            if self._patience <= 0 or (self._computed() - computed <= SHARE * passed and not self._busy()):
                return
            self._patience -= passed
