"""The system's time."""

import time


class SystemClock:
    """The clock of the machine. Tests have one that they set."""

    # Every call asks several times: these are the functions themselves, so that none pays for another call.
    now = staticmethod(time.time)
    """Seconds since the epoch (UTC)."""
    monotonic = staticmethod(time.monotonic)
    """Seconds on a clock that never goes back."""
