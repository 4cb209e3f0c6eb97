"""What the fits of a training tell of themselves: whether they overfit, and what would help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hotshelf_trainer.diagnosis.calibration import Calibration, calibration
from hotshelf_trainer.diagnosis.capacity import CapacityCurve, capacity_curve
from hotshelf_trainer.diagnosis.confusion import Confusion, confusion
from hotshelf_trainer.diagnosis.crossing import crossed
from hotshelf_trainer.diagnosis.curves import LearningCurve, ValidationCurve, learning_curve, validation_curve
from hotshelf_trainer.diagnosis.decomposition import (
    SquaredLoss,
    ZeroOneLoss,
    resampled_predictions,
    squared_loss,
    zero_one_loss,
)
from hotshelf_trainer.diagnosis.importance import Permuted, permuted
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Indices, Predictions, Sample
from hotshelf_trainer.recipes.tabular import DiagnosisSettings, Numbers, Search
from hotshelf_trainer.tabular.boosted import DEFAULT_TREES, DEFAULTS, TREES
from hotshelf_trainer.tabular.evaluation import problem_of
from hotshelf_trainer.tabular.learner import LIGHTGBM, FittedOn, TableLearner
from hotshelf_trainer.tabular.splits import Split

LEAVES = "num_leaves"
CURVE_VALUES = 5
MAX_CURVES = 4
"""Hyperparameters that get a curve: those that explain most of the scores' variance."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings. None and empty: the recipe didn't ask for it, or the task has no such thing."""

    learning: LearningCurve | None = None
    capacity: CapacityCurve | None = None
    validation: Sequence[ValidationCurve] = ()
    decomposition: SquaredLoss | ZeroOneLoss | None = None
    calibration: Calibration | None = None
    confusion: Confusion | None = None
    importance: Sequence[Permuted] = ()
    """What shuffling each feature costs on the test part, most first."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at: a learner with the parameters that were chosen."""

    learner: TableLearner
    split: Split
    metric: Metric
    parameters: Mapping[str, Any]
    fitted: FittedOn
    """With these parameters, on all learning rows."""
    test: Sample
    """What it says of the test rows."""
    seed: int


def diagnose(
    subject: Subject, said: DiagnosisSettings, search: Search | None, importance: Mapping[str, float]
) -> Diagnosis:
    """All that the recipe asks for. What looks at the test part is told, and chooses nothing."""
    examples = subject.learner.examples
    return Diagnosis(
        learning=_learning(subject) if said.learning_curve else None,
        capacity=_capacity(subject) if said.capacity_curve and subject.learner.name == LIGHTGBM else None,
        validation=_validation(subject, search, importance) if said.validation_curves and search else (),
        decomposition=_decomposition(subject, said.bootstraps) if said.bootstraps else None,
        calibration=calibration(subject.test, seed=subject.seed) if examples.classes else None,
        confusion=confusion(subject.test, examples.classes) if examples.classes else None,
        importance=_importance(subject, said.shuffles) if said.shuffles else (),
    )


def _learning(subject: Subject) -> LearningCurve:
    problem = problem_of(subject.learner.examples)
    return learning_curve(
        subject.learner, problem, subject.split.folds, subject.parameters, metric=subject.metric, seed=subject.seed
    )


def _capacity(subject: Subject) -> CapacityCurve:
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
    points = []
    for few, long in dict.fromkeys(grid):
        point = {LEAVES: few, TREES: long}
        found = crossed(subject.learner, problem, subject.split.folds, {**subject.parameters, **point}, subject.seed)
        points.append((point, found))
    return capacity_curve(subject.metric, points, seed=subject.seed)


def _validation(subject: Subject, search: Search, importance: Mapping[str, float]) -> tuple[ValidationCurve, ...]:
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
        )
        for name in names
    )


def _values(space: Any) -> list[Any]:
    """Some values of a range, evenly apart; of choices all."""
    if not isinstance(space, Numbers):
        return list(space.choices)
    if space.log:
        values = np.exp(np.linspace(np.log(space.low), np.log(space.high), CURVE_VALUES))
    else:
        values = np.linspace(space.low, space.high, CURVE_VALUES)
    return sorted({round(value) for value in values}) if space.whole else [float(value) for value in values]


def _decomposition(subject: Subject, models: int) -> SquaredLoss | ZeroOneLoss | None:
    """Of models that learned from drawn groups, on the test part."""
    examples, parts = subject.learner.examples, subject.split
    if examples.task == "ranking":
        return None
    problem = problem_of(examples)
    predictions = resampled_predictions(
        subject.learner, problem, parts.learning, parts.test, subject.parameters, models=models, seed=subject.seed
    )
    truth, groups = problem.truth[parts.test], problem.groups[parts.test]
    if examples.classes:
        return zero_one_loss(truth, predictions.argmax(axis=2), groups)
    return squared_loss(truth, predictions, groups)


def _importance(subject: Subject, repeats: int) -> tuple[Permuted, ...]:
    examples = subject.learner.examples

    def shuffle(columns: Sequence[str], rows: Indices, rng: np.random.Generator) -> Predictions:
        frame = examples.frame.iloc[rows].reset_index(drop=True)
        order = rng.permutation(len(frame))
        shuffled = {name: frame[name].to_numpy()[order] for name in columns}
        return subject.fitted.model.predict(frame.assign(**shuffled))

    each = {name: (name,) for name in examples.roles.features}
    return permuted(
        subject.metric, subject.test, subject.split.test, each, shuffle=shuffle, repeats=repeats, seed=subject.seed
    )
