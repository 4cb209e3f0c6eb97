"""Learning curves over groups, and validation curves over one parameter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hotshelf_trainer.diagnosis.capacity import CapacityCurve, capacity_curve
from hotshelf_trainer.diagnosis.crossing import Crossing, Fold, Problem, all_crossed, rows_of_groups
from hotshelf_trainer.diagnosis.fan_out import HERE, FanOut
from hotshelf_trainer.diagnosis.intervals import RESAMPLES, Estimate, drawn, score
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Learner
from hotshelf_trainer.errors import DataError

SHARES = (0.05, 0.15, 0.4, 1.0)


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """Learned from a share of the groups."""

    share: float
    groups: int
    """That a fold learned from, on average."""
    train: Estimate
    held_out: Estimate


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """From few groups to all, with the same rows held out throughout."""

    metric: str
    higher_is_better: bool
    points: tuple[LearningPoint, ...]
    last_gain: Estimate
    """Held-out score with all groups less that at the share before, paired; above 0 is better."""

    @property
    def still_rising(self) -> bool:
        """Whether the last step up in data made the held-out score significantly better (one-sided, 5 %)."""
        return self.last_gain.least > 0


@dataclass(frozen=True, slots=True)
class ValidationCurve:
    """Scores along the values of one parameter, the others being held."""

    parameter: str
    curve: CapacityCurve


def learning_curve(
    learner: Learner,
    problem: Problem,
    folds: Sequence[Fold],
    parameters: Mapping[str, Any],
    *,
    metric: Metric,
    shares: Sequence[float] = SHARES,
    resamples: int = RESAMPLES,
    seed: int = 0,
    fan_out: FanOut = HERE,
) -> LearningCurve:
    """Fit on growing, nested shares of each fold's groups: ``len(shares) * len(folds)`` fits."""
    shares = sorted(set(shares))
    if len(shares) < 2 or shares[0] <= 0 or shares[-1] > 1:
        raise DataError(f"shares {shares}; expected two or more above 0 and up to 1")
    smaller = [[_shrunk(problem, fold, share, seed + number) for number, fold in enumerate(folds)] for share in shares]
    crossings = [Crossing(each, parameters) for each in smaller]
    crossed = all_crossed(learner, problem, crossings, seed, fan_out=fan_out)
    found = [(_groups(problem, each), one) for each, one in zip(smaller, crossed, strict=True)]
    sign = 1.0 if metric.higher_is_better else -1.0
    held_out = drawn(metric, [each.held_out for _, each in found], resamples, seed)
    points = tuple(
        LearningPoint(share, groups, score(metric, each.train, resamples, seed), held_out.estimate(place))
        for place, (share, (groups, each)) in enumerate(zip(shares, found, strict=True))
    )
    last, before = (len(found) - 1, len(found) - 2) if sign > 0 else (len(found) - 2, len(found) - 1)
    return LearningCurve(metric.name, metric.higher_is_better, points, held_out.difference(last, before))


def validation_curve(
    learner: Learner,
    problem: Problem,
    folds: Sequence[Fold],
    parameters: Mapping[str, Any],
    *,
    metric: Metric,
    parameter: str,
    values: Sequence[Any],
    resamples: int = RESAMPLES,
    seed: int = 0,
    fan_out: FanOut = HERE,
) -> ValidationCurve:
    """Fit with each value of one parameter: ``len(values) * len(folds)`` fits."""
    crossings = [Crossing(folds, {**parameters, parameter: value}) for value in values]
    crossed = all_crossed(learner, problem, crossings, seed, fan_out=fan_out)
    points = [({parameter: value}, one) for value, one in zip(values, crossed, strict=True)]
    return ValidationCurve(parameter, capacity_curve(metric, points, resamples, seed))


def _groups(problem: Problem, folds: Sequence[Fold]) -> int:
    """That a fold learns from, on average."""
    return round(float(np.mean([len(np.unique(problem.groups[fold.train])) for fold in folds])))


def _shrunk(problem: Problem, fold: Fold, share: float, seed: int) -> Fold:
    """Keep the first groups of a draw that is the same for every share, so that each holds the ones before it."""
    if share == 1:
        return fold
    groups = np.random.default_rng(seed).permutation(np.unique(problem.groups[fold.train]))
    chosen = np.sort(groups[: max(1, round(share * len(groups)))])
    return Fold(rows_of_groups(problem.groups, fold.train, chosen), fold.held_out)
