"""Time."""

import time
from typing import Protocol


class Clock(Protocol):
    """Time, injected so that tests own it."""

    def now(self) -> float:
        """Seconds since the epoch (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...


class SystemClock:
    """The clock of the machine. Tests have one that they set."""

    # Every call asks several times: these are the functions themselves, so that none pays for another call.
    now = staticmethod(time.time)
    """Seconds since the epoch (UTC)."""
    monotonic = staticmethod(time.monotonic)
    """Seconds on a clock that never goes back."""
