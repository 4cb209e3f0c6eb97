"""Makes one point of several workers' points of the same metric. Pure functions."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from hotshelf_server.observability.catalogue import Over
from hotshelf_server.workers.families import Key, Number, Part, Point, Series

STATE = "state"
"""The label of what is told of a version's states."""

LEAST_FIRST = ("failed", "loading", "unloading", "pending", "ready", "not_loaded")
"""States of a version, by what they say of the whole server when workers have it in several."""


def added(points: Iterable[Point]) -> dict[Part, Number]:
    """The sums. Of the exemplars of a bucket the latest is kept."""
    return _by_part(points, math.fsum)


def merged(series: Sequence[Series], over: Over) -> Series:
    """What workers' gauges are together. Raises `KeyError` for counts that go on after a worker: see `totals`."""
    if over is Over.LEAST_ADVANCED:
        return _least_advanced(series)
    points: dict[Key, list[Point]] = {}
    for one in series:
        for key, point in one.items():
            points.setdefault(key, []).append(point)
    return {key: _by_part(several, FORMULAS[over]) for key, several in points.items()}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


FORMULAS: Mapping[Over, Callable[[Sequence[float]], float]] = {
    Over.SUM: math.fsum,
    Over.MEAN: _mean,
    Over.HIGHEST: max,
    Over.LOWEST: min,
}


def _by_part(points: Iterable[Point], formula: Callable[[Sequence[float]], float]) -> dict[Part, Number]:
    numbers: dict[Part, list[Number]] = {}
    for point in points:
        for part, number in point.items():
            numbers.setdefault(part, []).append(number)
    return {
        part: Number(formula([one.value for one in several]), _latest(several)) for part, several in numbers.items()
    }


def _latest(numbers: Iterable[Number]) -> tuple[Mapping[str, str], float, float] | None:
    return max((one.exemplar for one in numbers if one.exemplar), key=lambda one: one[2], default=None)


def _least_advanced(series: Sequence[Series]) -> Series:
    """1 for the one state that holds of each version over all workers."""
    keys = dict.fromkeys(key for one in series for key in one)
    states: dict[Key, list[str]] = {}
    for one in series:
        for key, point in one.items():
            if any(number.value for number in point.values()):
                states.setdefault(_without_state(key), []).append(dict(key)[STATE])
    holds = {version: min(found, key=LEAST_FIRST.index) for version, found in states.items()}
    name = next((part.name for one in series for point in one.values() for part in point), "")
    return {key: {Part(name): Number(float(holds.get(_without_state(key)) == dict(key)[STATE]))} for key in keys}


def _without_state(key: Key) -> Key:
    return tuple(pair for pair in key if pair[0] != STATE)
