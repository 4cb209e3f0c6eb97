"""What a model's computing costs by the calls that it is computed for at once, as measured lately."""

from hotshelf_server.core.interfaces import Clock

SHARE = 0.2
"""Of a new measurement in the mean."""

STALE_SECONDS = 5.0
"""Age from which a mean says nothing, and is measured anew."""


LEAST_SECONDS = 1e-7
"""What computing takes at least, be it too short to be measured."""


class Curve:
    """Means by number of calls, up to the next power of two. For one thread."""

    __slots__ = ("_means", "_monotonic")

    def __init__(self, clock: Clock) -> None:
        self._monotonic = clock.monotonic
        self._means: dict[int, tuple[float, float]] = {}

    def add(self, calls: int, seconds: float) -> None:
        """So many calls were computed at once, in so many seconds."""
        place = (calls - 1).bit_length()
        now = self._monotonic()
        mean, at = self._means.get(place, (seconds, now))
        fresh = seconds if now - at > STALE_SECONDS else mean + SHARE * (seconds - mean)
        self._means[place] = fresh, now

    def pays(self, calls: int) -> bool:
        """Whether computing so many calls at once is cheaper than one by one, or not known to be dearer."""
        alone, together = self._mean(1), self._mean(calls)
        return alone is None or together is None or together < alone * calls

    def most(self, seconds: float) -> int:
        """How many calls may be computed one by one in so many seconds: one at least, or where that isn't known."""
        alone = self._mean(1)
        return 1 if alone is None else max(1, int(seconds / max(alone, LEAST_SECONDS)))

    def _mean(self, calls: int) -> float | None:
        mean, at = self._means.get((calls - 1).bit_length(), (0.0, float("-inf")))
        return mean if self._monotonic() - at <= STALE_SECONDS else None
