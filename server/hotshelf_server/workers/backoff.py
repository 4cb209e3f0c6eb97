"""How long to wait before a process that ended is started again, and when to give up."""

from hotshelf_server.core.clock import Clock

FIRST_SECONDS = 0.1
"""The first wait; each is twice the one before."""

STEADY_SECONDS = 60.0
"""Who has served for so long starts with a clean slate."""

MOST_DEATHS = 6
"""Deaths in a row after which it is given up: some seconds of waits, and as many starts."""


class Backoff:
    """Remembers the deaths of one worker. Not thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._deaths = 0
        self._served_since: float | None = None

    @property
    def deaths(self) -> int:
        """In a row."""
        return self._deaths

    def serves(self) -> None:
        """It takes calls from now on."""
        self._served_since = self._clock.monotonic()

    def died(self) -> float | None:
        """Seconds to wait before the next start; None when it is to be given up."""
        since, self._served_since = self._served_since, None
        if since is not None and self._clock.monotonic() - since >= STEADY_SECONDS:
            self._deaths = 0
        self._deaths += 1
        if self._deaths >= MOST_DEATHS:
            return None
        return FIRST_SECONDS * float(2 ** (self._deaths - 1))
