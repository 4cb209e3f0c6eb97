"""Looks for hyperparameters (Optuna's TPE): what counts is the mean over the folds, never the test part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.recipes.tabular import Numbers, Search
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.learner import TableLearner

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
    seed: int,
    *,
    storage: Path | None = None,
    tell: Callable[[float], None] = lambda _: None,
) -> Found:
    """Try the recipe's own parameters, then what TPE proposes; a trial that is hopeless after some folds is given up.

    With ``storage``, a journal file, a search that was cut off goes on where it was.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize" if metric.higher_is_better else "minimize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1),
        storage=_journal(storage),
        study_name="search",
        load_if_exists=True,
    )

    def objective(trial: optuna.Trial) -> float:
        parameters = (
            {} if trial.number == 0 else {name: _drawn(trial, name, space) for name, space in said.space.items()}
        )
        scores: list[float] = []
        trial.set_user_attr("parameters", parameters)
        for number, fold in enumerate(folds):
            scores.append(fold_score(learner, fold, parameters, metric, seed))
            trial.set_user_attr("scores", scores)
            trial.report(float(np.mean(scores)), number)
            if trial.number and number + 1 < len(folds) and trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(scores))

    left = said.trials + 1 - len(study.trials)
    if left > 0:
        study.optimize(
            objective,
            n_trials=left,
            timeout=said.seconds,
            callbacks=[lambda study, _: tell(len(study.trials) / (said.trials + 1))],
        )
    return _found(study, metric)


def _found(study: optuna.Study, metric: Metric) -> Found:
    trials = [
        Trial(one.user_attrs["parameters"], one.user_attrs["scores"], one.state is optuna.trial.TrialState.PRUNED)
        for one in study.trials
        if one.user_attrs.get("scores")
    ]
    finished = [trial for trial in trials if not trial.pruned]
    # Among equals the earliest, so that the recipe's own parameters stay where nothing is better.
    best = max(finished, key=lambda trial: metric.better(trial.mean))
    return Found(trials, best, _importance(study))


def _importance(study: optuna.Study) -> Mapping[str, float]:
    drawn = [one for one in study.trials if one.state is optuna.trial.TrialState.COMPLETE and one.params]
    if len(drawn) < 4 or len({one.value for one in drawn}) < 2:
        return {}
    copy = optuna.create_study(direction=study.direction)
    copy.add_trials(drawn)
    return optuna.importance.get_param_importances(copy, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0))


def _drawn(trial: optuna.Trial, name: str, space: Any) -> Any:
    if not isinstance(space, Numbers):
        return trial.suggest_categorical(name, list(space.choices))
    if space.whole:
        return trial.suggest_int(name, int(space.low), int(space.high), log=space.log)
    return trial.suggest_float(name, space.low, space.high, log=space.log)


def _journal(path: Path | None) -> optuna.storages.BaseStorage | None:
    if path is None:
        return None
    return JournalStorage(JournalFileBackend(str(path)))
