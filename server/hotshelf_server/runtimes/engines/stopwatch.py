"""Time for measurements, in slices and within a budget."""

import math
from collections.abc import Callable

BUDGET_SECONDS = 0.8
"""For all calls that are timed for one version, but for the last one."""

SLICE_SECONDS = 5e-4
MOST_CALLS = 32


class OutOfTime(Exception):
    """The budget is spent."""


class Stopwatch:
    """Times work in slices, each after a pause.

    A slice is as many calls as fit in `SLICE_SECONDS`, and one at least: the first ones find the caches cold.
    """

    def __init__(self, pause: Callable[[], None], timer: Callable[[], float], budget: float = BUDGET_SECONDS) -> None:
        self._pause = pause
        self._timer = timer
        self._left = budget

    def wait(self) -> None:
        """A pause alone, before work that isn't timed."""
        self._pause()

    def least(self, work: Callable[[], object], most: int = MOST_CALLS) -> float:
        """The least time that a call took, of so many at most. Raises `OutOfTime`, and what the work raises."""
        if self._left <= 0:
            raise OutOfTime
        self._pause()
        least = math.inf
        started = moment = self._timer()
        for _ in range(most):
            work()
            before, moment = moment, self._timer()
            least = min(least, moment - before)
            if moment - started >= SLICE_SECONDS:
                break
        self._left -= moment - started
        return least
