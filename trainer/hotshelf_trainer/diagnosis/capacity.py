"""The overfitting verdict: where along capacity does the held-out score fall while the train score still rises?

A model overfits where its held-out score is significantly below that of the curve's best point although it scores
higher on what it learned from. The gap between train and held-out score is told, but says nothing by itself: the best
point of a grid of boosted trees may well have a gap of a quarter of its train score.

The best point is the luckiest of many too. So the intervals hold for all pairs of points at once: the resampled
differences, each over its own standard error, have a largest one in every resample, and its 95 % quantile takes the
place of 1.96 (the bootstrap form of Tukey's all-pairs intervals; Romano and Wolf, Econometrica 2005, studentised
max-T).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from hotshelf_trainer.diagnosis.crossing import Crossed
from hotshelf_trainer.diagnosis.intervals import RESAMPLES, Draws, Estimate, between, drawn
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Doubles, Sample
from hotshelf_trainer.errors import DataError

Standing = Literal["best", "level", "overfitted", "underfitted"]


@dataclass(frozen=True, slots=True)
class Behind:
    """How far a point's held-out score is from the best one's: above 0 is better. The interval is simultaneous."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CapacityPoint:
    """One setting of the parameters."""

    parameters: Mapping[str, Any]
    train: Estimate
    held_out: Estimate
    gap: Estimate
    """Train less held-out, turned so that above 0 the train score is the better one."""
    behind: Behind
    standing: Standing
    """``level``: not significantly below the best. Below it: ``overfitted`` where train is better than the best
    point's,
    ``underfitted`` where it isn't."""


@dataclass(frozen=True, slots=True)
class CapacityCurve:
    """Points in the order in which they were given."""

    metric: str
    higher_is_better: bool
    points: tuple[CapacityPoint, ...]

    @property
    def best(self) -> CapacityPoint:
        """The point with the best held-out score."""
        return next(point for point in self.points if point.standing == "best")

    def standing(self, **parameters: Any) -> Standing:
        """Of the first point with these parameters. Raises ``KeyError`` where there is none."""
        for point in self.points:
            if parameters.items() <= point.parameters.items():
                return point.standing
        raise KeyError(f"no point of the capacity curve has {parameters}")


def capacity_curve(
    metric: Metric,
    points: Sequence[tuple[Mapping[str, Any], Crossed]],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> CapacityCurve:
    """Judge what each setting predicted for the same rows."""
    if not points:
        raise DataError("no point to judge the capacity by; expected at least one")
    held_out = drawn(metric, [crossed.held_out for _, crossed in points], resamples, seed)
    paired = _same_groups(points[0][1].train, points[0][1].held_out)
    train = drawn(metric, [crossed.train for _, crossed in points], resamples, seed if paired else seed + 1)
    return judged(
        [parameters for parameters, _ in points],
        train,
        held_out,
        name=metric.name,
        higher_is_better=metric.higher_is_better,
    )


def judged(
    parameters: Sequence[Mapping[str, Any]], train: Draws, held_out: Draws, *, name: str, higher_is_better: bool
) -> CapacityCurve:
    """The verdict on scores that are drawn already: of ``drawn``, or of each group's by ``drawn_means``."""
    sign = 1.0 if higher_is_better else -1.0
    if np.isnan(held_out.values).any():
        raise DataError(f"{name} isn't defined on the held-out rows; expected rows that it can judge")
    best = int(np.argmax(sign * held_out.values))
    behind = _behind(sign * held_out.values, sign * held_out.resampled, best)
    points = tuple(
        CapacityPoint(
            dict(each),
            train.estimate(place),
            held_out.estimate(place),
            between(train, held_out, place, sign),
            behind[place],
            _standing(place, best, behind[place], sign * train.values),
        )
        for place, each in enumerate(parameters)
    )
    return CapacityCurve(name, higher_is_better, points)


def _standing(place: int, best: int, behind: Behind, train: Doubles) -> Standing:
    if place == best:
        return "best"
    if not behind.high < 0:
        return "level"
    return "overfitted" if train[place] > train[best] else "underfitted"


def _behind(values: Doubles, resampled: Doubles, best: int) -> list[Behind]:
    """Of merits, more being better."""
    differences = resampled - resampled[:, [best]]
    spread = _deviation(differences)
    width = _largest(values, resampled) * spread
    gaps = values - values[best]
    return [Behind(*map(float, row)) for row in zip(gaps, gaps - width, gaps + width, strict=True)]


def _largest(values: Doubles, resampled: Doubles) -> float:
    """The 95 % quantile of the largest studentised deviation over all pairs; infinite where nothing is known."""
    largest = np.zeros(len(resampled))
    for first in range(len(values) - 1):
        deviations = resampled[:, first + 1 :] - resampled[:, [first]] - (values[first + 1 :] - values[first])
        spread = _deviation(deviations)
        studentised = np.divide(np.abs(deviations), spread, out=np.zeros_like(deviations), where=spread > 0)
        largest = np.maximum(largest, studentised.max(axis=1))
    known = largest[~np.isnan(largest)]
    return float(np.quantile(known, 0.95)) if len(known) else np.inf


def _deviation(differences: Doubles) -> Doubles:
    """[points] the standard errors; NaN where nothing is known."""
    known = ~np.isnan(differences).any(axis=1)
    return differences[known].std(axis=0) if known.any() else np.full(differences.shape[1], np.nan)


def _same_groups(one: Sample, other: Sample) -> bool:
    """Draws of the same groups by the same seed are the same draws."""
    return np.array_equal(np.unique(one.groups), np.unique(other.groups))
