"""The system's time."""

import time


class SystemClock:
    """The clock of the machine. Tests have one that they set."""

    def now(self) -> float:
        """Seconds since the epoch (UTC)."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()
