"""Adds up what workers count, so that nothing falls when one of them ends, begins anew, or forgets."""

from collections.abc import Callable, Hashable, Iterable

from hotshelf_server.workers.families import Key, Number, Part, Point, Series
from hotshelf_server.workers.merging import added

Worker = Hashable


class Totals:
    """Of one family. What a worker told last stands until it tells more; it stays when the worker has gone."""

    def __init__(self, *, alike: bool = False) -> None:
        """``alike``: every worker counts the same events."""
        self._alike = alike
        self._last: dict[Worker, Series] = {}
        self._settled: dict[Key, dict[Part, Number]] = {}
        self._told: dict[Key, dict[Part, Number]] = {}

    def heard(self, worker: Worker, series: Series) -> None:
        """What a worker has counted by now."""
        before = self._highest() if self._alike else self._last.get(worker, {})
        self._last[worker] = series
        now = self._highest() if self._alike else series
        self._settle(before, now)

    def gone(self, worker: Worker) -> None:
        """The worker has ended."""
        before = self._highest() if self._alike else self._last.get(worker, {})
        self._last.pop(worker, None)
        self._settle(before, self._highest() if self._alike else {})

    def labels(self) -> set[Key]:
        """The labels of all that is held."""
        return self._settled.keys() | {key for one in self._last.values() for key in one}

    def keep(self, wanted: Callable[[Key], bool]) -> None:
        """Forget what workers that have gone, or have forgotten it themselves, counted of anything else."""
        living = {key for one in self._last.values() for key in one}
        for held in (self._settled, self._told):
            for key in [one for one in held if one not in living and not wanted(one)]:
                del held[key]

    def total(self) -> Series:
        """The sums. No number is less than it was when it was last told, not even by a rounding."""
        current: Iterable[Series] = [self._highest()] if self._alike else self._last.values()
        points: dict[Key, list[Point]] = {}
        for series in (self._settled, *current):
            for key, point in series.items():
                points.setdefault(key, []).append(point)
        self._told = {key: _no_less(added(several), self._told.get(key, {})) for key, several in points.items()}
        return self._told

    def _settle(self, before: Series, now: Series) -> None:
        """Keep what was counted before and has begun anew."""
        for key, point in before.items():
            after = now.get(key, {})
            if any(number.value > after[part].value for part, number in point.items() if part in after) or not after:
                lost = _difference(point, after) if self._alike else point
                self._settled[key] = added([self._settled.get(key, {}), lost])

    def _highest(self) -> Series:
        """Of each point the one of the worker that has counted most."""
        highest: dict[Key, Point] = {}
        for series in self._last.values():
            for key, point in series.items():
                if key not in highest or _size(point) > _size(highest[key]):
                    highest[key] = point
        return highest


def _size(point: Point) -> float:
    return sum(number.value for number in point.values())


def _difference(point: Point, after: Point) -> Point:
    return {
        part: Number(number.value - (after[part].value if part in after else 0.0), number.exemplar)
        for part, number in point.items()
    }


def _no_less(point: dict[Part, Number], told: Point) -> dict[Part, Number]:
    return {
        part: Number(max(number.value, told[part].value) if part in told else number.value, number.exemplar)
        for part, number in point.items()
    }
