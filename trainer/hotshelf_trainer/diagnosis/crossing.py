"""Fit on each fold and predict what it learned from and what was held out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.diagnosis.fan_out import HERE, FanOut, Fit
from hotshelf_trainer.diagnosis.sample import Doubles, Indices, Learner, Predictions, Sample, Truth
from hotshelf_trainer.errors import DataError


@dataclass(frozen=True, slots=True)
class Problem:
    """What every row of a data set is judged by, whoever predicts it; ``Sample`` tells what the columns are."""

    truth: Truth
    groups: npt.NDArray[np.integer[Any]]
    query: npt.NDArray[np.integer[Any]] | None = None
    weights: Doubles | None = None

    def sample(self, rows: Indices, predictions: Predictions) -> Sample:
        """The rows with their predictions."""
        return Sample(
            self.truth[rows],
            predictions,
            self.groups[rows],
            None if self.query is None else self.query[rows],
            None if self.weights is None else self.weights[rows],
        )


@dataclass(frozen=True, slots=True)
class Fold:
    """One split: positions to learn from, and positions to judge on."""

    train: Indices
    held_out: Indices


@dataclass(frozen=True, slots=True)
class Crossed:
    """All folds' predictions end to end; in ``train`` a row stands once for each fold that learned from it."""

    train: Sample
    held_out: Sample


@dataclass(frozen=True, slots=True)
class Crossing:
    """A cross-validation to do."""

    folds: Sequence[Fold]
    parameters: Mapping[str, Any]


def crossed(
    learner: Learner,
    problem: Problem,
    folds: Sequence[Fold],
    parameters: Mapping[str, Any],
    seed: int = 0,
    *,
    fan_out: FanOut = HERE,
) -> Crossed:
    """Cross-validate. Raises ``DataError`` without folds, or where a fold judges rows that it learned from."""
    return all_crossed(learner, problem, [Crossing(folds, parameters)], seed, fan_out=fan_out)[0]


def all_crossed(
    learner: Learner, problem: Problem, crossings: Sequence[Crossing], seed: int = 0, *, fan_out: FanOut = HERE
) -> list[Crossed]:
    """Cross-validate several times, all fits at once. Raises as `crossed` does."""
    fits = [fit for crossing in crossings for fit in _fits(crossing, seed)]
    answers = iter(fan_out.answers(learner, fits))
    found = []
    for crossing in crossings:
        train, held_out = [], []
        its_own = islice(answers, len(crossing.folds))
        for fold, (of_train, of_held_out) in zip(crossing.folds, its_own, strict=True):
            train.append(problem.sample(fold.train, of_train))
            held_out.append(problem.sample(fold.held_out, of_held_out))
        found.append(Crossed(joined(train), joined(held_out)))
    return found


def _fits(crossing: Crossing, seed: int) -> list[Fit]:
    if not crossing.folds:
        raise DataError("no fold to cross-validate on; expected at least one")
    for number, fold in enumerate(crossing.folds):
        _refuse_shared_rows(fold, number)
    return [
        Fit(fold.train, crossing.parameters, seed + number, (fold.train, fold.held_out))
        for number, fold in enumerate(crossing.folds)
    ]


def joined(samples: Sequence[Sample]) -> Sample:
    """Samples end to end. A query that stands in several was ranked several times, and counts as so many queries."""
    queries: list[npt.NDArray[np.intp]] = []
    for sample in samples:
        if sample.query is not None:
            _, query = np.unique(sample.query, return_inverse=True)
            queries.append(query + (int(queries[-1].max()) + 1 if queries else 0))
    weighed = any(sample.weights is not None for sample in samples)
    return Sample(
        np.concatenate([sample.truth for sample in samples]),
        np.concatenate([sample.predictions for sample in samples]),
        np.concatenate([sample.groups for sample in samples]),
        np.concatenate(queries) if queries else None,
        np.concatenate([sample.row_weights for sample in samples]) if weighed else None,
    )


def rows_of_groups(groups: npt.NDArray[np.integer[Any]], rows: Indices, chosen: Indices) -> Indices:
    """The rows, among ``rows``, of each of the chosen groups; a group that is chosen twice brings its rows twice."""
    ordered = rows[np.argsort(groups[rows], kind="stable")]
    begin = np.searchsorted(groups[ordered], chosen, side="left")
    counts = np.searchsorted(groups[ordered], chosen, side="right") - begin
    ends = counts.cumsum()
    return np.asarray(ordered[np.repeat(begin - (ends - counts), counts) + np.arange(counts.sum())])


def _refuse_shared_rows(fold: Fold, number: int) -> None:
    shared = np.intersect1d(fold.train, fold.held_out)
    if len(shared):
        raise DataError(f"fold {number} is judged on {len(shared)} rows that it learned from; expected none")
