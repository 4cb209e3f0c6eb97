"""Looks for hyperparameters (Optuna's TPE): what counts is the mean over the folds, never the test part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.recipes.tabular import Numbers, Search
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.learner import TableLearner
from hotshelf_trainer.tabular.study import PARAMETERS, SCORES, finished, importance

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of hyperparameters, and how it did."""

    parameters: Parameters
    scores: Sequence[float]
    """Of each fold; fewer than there are folds where the trial was given up early."""
    pruned: bool

    @property
    def mean(self) -> float:
        """Over the folds."""
        return float(np.mean(self.scores))


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a search. The first trial are the recipe's own parameters."""

    trials: Sequence[Trial]
    best: Trial
    importance: Mapping[str, float]
    """Share of the scores' variance that each hyperparameter explains; empty where there are too few trials."""

    @property
    def defaults(self) -> Trial:
        """The recipe's own parameters."""
        return self.trials[0]

    @property
    def improved(self) -> bool:
        """Whether anything was found that is better than the recipe's own parameters."""
        return self.best is not self.defaults


def fold_score(learner: TableLearner, fold: Fold, parameters: Parameters, metric: Metric, seed: int) -> float:
    """Of the fold's validation rows, by a model that knows its train rows."""
    fitted = learner.fit(fold.train, parameters, seed)
    return score(learner.examples, metric, fitted(fold.held_out), fold.held_out)


def score(examples: Examples, metric: Metric, predictions: Any, rows: Any) -> float:
    """Of predictions for rows."""
    query = examples.groups[rows] if examples.task == "ranking" else None
    return metric(examples.truth[rows], predictions, query=query)


def alone(learner: TableLearner, folds: Sequence[Fold], metric: Metric, seed: int) -> Found:
    """No search: the recipe's own parameters on every fold."""
    own = Trial({}, [fold_score(learner, fold, {}, metric, seed) for fold in folds], pruned=False)
    return Found((own,), own, {})


def search(
    learner: TableLearner,
    folds: Sequence[Fold],
    metric: Metric,
    said: Search,
    study: optuna.Study,
    *,
    seed: int,
    tell: Callable[[float], None] = lambda _: None,
) -> Found:
    """Try the recipe's own parameters, then what TPE proposes; a trial that is hopeless after some folds is given up.

    A study with trials in it goes on where it was.
    """

    def objective(trial: optuna.Trial) -> float:
        own = all(one.user_attrs[PARAMETERS] for one in finished(study))
        parameters = {} if own else {name: _drawn(trial, name, space) for name, space in said.space.items()}
        scores: list[float] = []
        trial.set_user_attr(PARAMETERS, parameters)
        for number, fold in enumerate(folds):
            scores.append(fold_score(learner, fold, parameters, metric, seed))
            trial.set_user_attr(SCORES, scores)
            trial.report(float(np.mean(scores)), number)
            if not own and number + 1 < len(folds) and trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(scores))

    wanted = said.trials + 1
    left = wanted - len(finished(study))
    if left > 0:
        study.optimize(
            objective,
            n_trials=left,
            timeout=said.seconds,
            callbacks=[lambda study, _: tell(len(finished(study)) / wanted)],
        )
    return _found(study, metric)


def _found(study: optuna.Study, metric: Metric) -> Found:
    trials = [
        Trial(one.user_attrs[PARAMETERS], one.user_attrs[SCORES], one.state is optuna.trial.TrialState.PRUNED)
        for one in finished(study)
    ]
    # The recipe's own parameters come first, also where another trial was cut off before them.
    trials.sort(key=lambda trial: bool(trial.parameters))
    # Among equals the earliest, so that the recipe's own parameters stay where nothing is better.
    best = max((trial for trial in trials if not trial.pruned), key=lambda trial: metric.better(trial.mean))
    return Found(trials, best, importance(study))


def _drawn(trial: optuna.Trial, name: str, space: Any) -> Any:
    if not isinstance(space, Numbers):
        return trial.suggest_categorical(name, list(space.choices))
    if space.whole:
        return trial.suggest_int(name, int(space.low), int(space.high), log=space.log)
    return trial.suggest_float(name, space.low, space.high, log=space.log)
