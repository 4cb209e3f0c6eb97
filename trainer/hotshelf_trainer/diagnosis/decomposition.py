"""Bias and variance, from models fitted on bootstrap samples of the groups.

Squared loss: E[loss] = (bias^2 + noise) + variance, row by row. The mean of B predictions has itself a variance of var
/ B, which is taken off the first term; the two terms still add up to the mean loss exactly. On real data noise can't be
told from bias; where the true mean is known (generated data) it can.

Zero-one loss (Domingos, "A unified bias-variance decomposition", ICML 2000): the main prediction is the most frequent
class; bias is 1 where it is wrong; variance is how often a model departs from it. Departing costs where the main
prediction is right, and helps where it is wrong and the model departs to the truth, so that variance has a sign. Noise
is in the bias.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.diagnosis.crossing import Problem, rows_of_groups
from hotshelf_trainer.diagnosis.fan_out import HERE, FanOut, Fit
from hotshelf_trainer.diagnosis.intervals import Estimate, drawn
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Doubles, Indices, Learner, Sample, Truth
from hotshelf_trainer.diagnosis.scoring import mean_of
from hotshelf_trainer.errors import DataError

LEAST_MODELS = 20
MEAN = Metric(
    "mean", higher_is_better=False, prepare=lambda sample, groups: mean_of(sample, groups, sample.predictions)
)


@dataclass(frozen=True, slots=True)
class SquaredLoss:
    """In the square of the target's unit. Intervals are over the judged groups."""

    models: int
    loss: Estimate
    bias_and_noise: Estimate
    variance: Estimate
    bias: Estimate | None
    """Squared; known only where the true mean is."""
    noise: Estimate | None


@dataclass(frozen=True, slots=True)
class ZeroOneLoss:
    """Shares of rows; ``loss`` = ``bias`` + ``costly_variance`` - ``helpful_variance``."""

    models: int
    loss: Estimate
    bias: Estimate
    """How often the main prediction is wrong; noise included."""
    costly_variance: Estimate
    """Departing from a main prediction that is right."""
    helpful_variance: Estimate
    """Departing to the truth from a main prediction that is wrong."""


def resampled_predictions(
    learner: Learner,
    problem: Problem,
    train: Indices,
    judged: Indices,
    parameters: Mapping[str, Any],
    *,
    models: int = LEAST_MODELS,
    seed: int = 0,
    fan_out: FanOut = HERE,
) -> Doubles:
    """[models, n] or [models, n, classes]: predictions for ``judged`` of models that learned from drawn groups.

    Raises ``DataError`` for fewer than 20 models, whose variance can't be told.
    """
    if models < LEAST_MODELS:
        raise DataError(f"{models} bootstrap models; expected {LEAST_MODELS} or more")
    groups = np.unique(problem.groups[train])
    draws = (np.random.default_rng([seed, number]).choice(groups, len(groups)) for number in range(models))
    fits = [Fit(rows_of_groups(problem.groups, train, draw), parameters, seed, (judged,)) for draw in draws]
    found = fan_out.answers(learner, fits)
    return np.stack([np.asarray(predictions, dtype=np.float64) for (predictions,) in found])


def squared_loss(truth: Truth, predictions: Doubles, groups: Truth, expected: Doubles | None = None) -> SquaredLoss:
    """Of predictions [models, n]; ``expected`` [n] is the truth's mean given the features, where it is known.

    A classifier's probability of class 1 against 0 and 1 is judged so too (Brier's score).
    """
    models = _models(predictions)
    variance, mean = predictions.var(axis=0, ddof=1), predictions.mean(axis=0)
    first = (mean - truth) ** 2 - variance / models
    columns = [((predictions - truth) ** 2).mean(axis=0), first, variance]
    if expected is None:
        loss, bias_and_noise, spread = _means(groups, *columns)
        return SquaredLoss(models, loss, bias_and_noise, spread, None, None)
    bias = (mean - expected) ** 2 - variance / models
    return SquaredLoss(models, *_means(groups, *columns, bias, first - bias))


def zero_one_loss(truth: Truth, predictions: npt.NDArray[np.integer[Any]], groups: Truth) -> ZeroOneLoss:
    """Of predicted classes [models, n]. Where several classes are most frequent the lowest is the main one."""
    models = _models(predictions)
    main = _modes(predictions)
    right = main == truth
    departs = (predictions != main).mean(axis=0)
    wrong = (predictions != truth).mean(axis=0)
    costly, helpful = np.where(right, departs, 0.0), np.where(right, 0.0, 1 - wrong)
    return ZeroOneLoss(models, *_means(groups, wrong, (~right).astype(np.float64), costly, helpful))


def _modes(predictions: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.integer[Any]]:
    classes = np.unique(predictions)
    most = np.zeros(predictions.shape[1], dtype=np.int64)
    modes = np.full(predictions.shape[1], classes[0])
    for each in classes:
        count = (predictions == each).sum(axis=0)
        modes = np.where(count > most, each, modes)
        most = np.maximum(count, most)
    return modes


def _models(predictions: npt.NDArray[Any]) -> int:
    if predictions.ndim != 2 or len(predictions) < LEAST_MODELS:
        raise DataError(
            f"predictions of shape {predictions.shape}; expected [models, n], of {LEAST_MODELS} models or more"
        )
    return len(predictions)


def _means(groups: Truth, *columns: Doubles) -> list[Estimate]:
    """Of each column [n] over rows; all share their draws."""
    draws = drawn(MEAN, [Sample(np.zeros(len(groups)), column, groups) for column in columns])
    return [draws.estimate(place) for place in range(len(columns))]
