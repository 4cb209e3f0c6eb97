"""What a model's computing costs by the calls that it is computed for at once, as measured lately."""

from math import inf

SHARE = 0.2
"""Of a new measurement in the mean."""

STALE_SECONDS = 5.0
"""Age from which a mean says nothing, and is measured anew."""

UNKNOWN = inf, -inf


class Curve:
    """Means by number of calls, up to the next power of two. For one thread. ``now`` is on the monotonic clock."""

    __slots__ = ("_means",)

    def __init__(self) -> None:
        self._means: dict[int, tuple[float, float]] = {}

    def add(self, calls: int, seconds: float, now: float) -> None:
        """So many calls were computed at once, in so many seconds."""
        place = (calls - 1).bit_length()
        mean, until = self._means.get(place, UNKNOWN)
        self._means[place] = seconds if now > until else mean + SHARE * (seconds - mean), now + STALE_SECONDS

    def pays(self, calls: int, now: float) -> bool:
        """Whether computing so many calls at once is cheaper than one by one, or not known to be dearer."""
        mean, until = self._means.get((calls - 1).bit_length(), UNKNOWN)
        return now > until or mean < self.alone(now) * calls

    def alone(self, now: float) -> float:
        """Seconds of a call that is computed alone; without end where that isn't known."""
        mean, until = self._means.get(0, UNKNOWN)
        return mean if now <= until else inf
