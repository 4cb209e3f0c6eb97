"""What further fits tell: does it overfit, what limits it, would more data help, how lucky was the search."""

from typing import Any

import numpy as np

from hotshelf_trainer.diagnosis.capacity import CapacityCurve, capacity_curve
from hotshelf_trainer.diagnosis.crossing import Crossing, all_crossed
from hotshelf_trainer.diagnosis.curves import LearningCurve, ValidationCurve, learning_curve, validation_curve
from hotshelf_trainer.diagnosis.decomposition import (
    SquaredLoss,
    ZeroOneLoss,
    resampled_predictions,
    squared_loss,
    zero_one_loss,
)
from hotshelf_trainer.recipes.tabular import Numbers, Search
from hotshelf_trainer.tabular.boosted import DEFAULT_TREES, DEFAULTS, TREES
from hotshelf_trainer.tabular.evaluation import problem_of
from hotshelf_trainer.tabular.subject import Subject

LEAVES = "num_leaves"
CURVE_VALUES = 5
MAX_CURVES = 4
"""Hyperparameters that get a curve: those that explain most of the scores' variance."""


def learning(subject: Subject) -> LearningCurve:
    """Scores over the number of groups learned from."""
    problem = problem_of(subject.learner.examples)
    return learning_curve(
        subject.learner,
        problem,
        subject.split.folds,
        subject.parameters,
        metric=subject.metric,
        seed=subject.seed,
        fan_out=subject.fan_out,
    )


def capacity(subject: Subject) -> CapacityCurve:
    """Fewer and more leaves and trees than were chosen, and the choice itself, which comes first."""
    chosen = {**DEFAULTS, TREES: DEFAULT_TREES, **subject.learner.defaults, **subject.parameters}
    leaves, trees = int(chosen[LEAVES]), int(chosen[TREES])
    grid = [(leaves, trees)]
    grid += [
        (max(2, int(leaves * more)), max(1, int(trees * longer)))
        for more in (0.25, 1, 8)
        for longer in (0.25, 1, 4)
        if (more, longer) != (1, 1)
    ]
    problem = problem_of(subject.learner.examples)
    points = [{LEAVES: few, TREES: long} for few, long in dict.fromkeys(grid)]
    crossings = [Crossing(subject.split.folds, {**subject.parameters, **point}) for point in points]
    found = all_crossed(subject.learner, problem, crossings, subject.seed, fan_out=subject.fan_out)
    return capacity_curve(subject.metric, list(zip(points, found, strict=True)), seed=subject.seed)


def validation(subject: Subject, search: Search) -> tuple[ValidationCurve, ...]:
    """A curve for each hyperparameter that matters, the others as they were chosen."""
    importance = subject.found.importance
    names = sorted(search.space, key=lambda name: -importance.get(name, 0.0))[:MAX_CURVES]
    problem = problem_of(subject.learner.examples)
    return tuple(
        validation_curve(
            subject.learner,
            problem,
            subject.split.folds,
            subject.parameters,
            metric=subject.metric,
            parameter=name,
            values=_values(search.space[name]),
            seed=subject.seed,
            fan_out=subject.fan_out,
        )
        for name in names
    )


def decomposition(subject: Subject, models: int) -> SquaredLoss | ZeroOneLoss | None:
    """Of models that learned from drawn groups, on the test part; None for a ranking, whose loss has no such parts."""
    examples, parts = subject.learner.examples, subject.split
    if examples.task == "ranking":
        return None
    problem = problem_of(examples)
    predictions = resampled_predictions(
        subject.learner,
        problem,
        parts.learning,
        parts.test,
        subject.parameters,
        models=models,
        seed=subject.seed,
        fan_out=subject.fan_out,
    )
    truth, groups = problem.truth[parts.test], problem.groups[parts.test]
    if examples.classes:
        return zero_one_loss(truth, predictions.argmax(axis=2), groups)
    return squared_loss(truth, predictions, groups)


def _values(space: Any) -> list[Any]:
    """Some values of a range, evenly apart; of choices all."""
    if not isinstance(space, Numbers):
        return list(space.choices)
    if space.log:
        values = np.exp(np.linspace(np.log(space.low), np.log(space.high), CURVE_VALUES))
    else:
        values = np.linspace(space.low, space.high, CURVE_VALUES)
    return sorted({round(value) for value in values}) if space.whole else [float(value) for value in values]
