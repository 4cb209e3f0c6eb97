"""Looks for hyperparameters (Optuna's TPE): what counts is the mean over the folds, never the test part.

Trials are proposed and fitted together, as many as the recipe says (``search.parallel``). Those of a batch go fold by
fold, side by side, and what is hopeless is given up between folds. Nothing depends on which fit is done first: a search
goes the same way in one process and on a cluster.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import optuna

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.tabular import Numbers, Search
from hotshelf_trainer.tabular.judges import Judges, Parameters
from hotshelf_trainer.tabular.study import PARAMETERS, SCORES, finished, importance


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


def alone(judges: Judges, folds: Sequence[Fold], tell: Callable[[float], None] = lambda _: None) -> Found:
    """No search: the recipe's own parameters on every fold."""
    own = Trial({}, judges.scores([(fold, {}) for fold in folds], tell), pruned=False)
    return Found((own,), own, {})


def search(
    judges: Judges,
    folds: Sequence[Fold],
    said: Search,
    study: optuna.Study,
    *,
    tell: Callable[[float], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> Found:
    """Try the recipe's own parameters, then what TPE proposes; a trial that is hopeless after some folds is given up.

    A study with trials in it goes on where it was.
    """
    began, wanted = clock(), said.trials + 1
    while (left := wanted - len(finished(study))) > 0:
        if said.seconds is not None and clock() - began >= said.seconds and finished(study):
            break
        own = all(one.user_attrs[PARAMETERS] for one in finished(study))
        if own:
            _try_own(study.ask(), judges, folds, study)
        else:
            _try(_proposed(study, said, min(left, said.parallel)), judges, folds, study)
        tell(len(finished(study)) / wanted)
    return _found(study, judges.metric)


@dataclass(slots=True, eq=False)
class _Running:
    """A trial, as far as it got."""

    trial: optuna.Trial
    parameters: Parameters
    scores: list[float] = field(default_factory=list)

    def add(self, score: float) -> None:
        """A fold's score. Raises ``DataError`` for one that isn't defined."""
        if np.isnan(score):
            raise DataError(
                f"the metric isn't defined on the held-out rows of fold {len(self.scores) + 1}; a search needs folds "
                "that it can judge: fewer of them (split.folds), or split.kind stratified"
            )
        self.scores.append(score)
        self.trial.set_user_attr(SCORES, self.scores)
        self.trial.report(float(np.mean(self.scores)), len(self.scores) - 1)


def _proposed(study: optuna.Study, said: Search, count: int) -> list[_Running]:
    """A batch, none of which knows how the others do; TPE keeps them apart (constant liar)."""
    batch = []
    for _ in range(count):
        trial = study.ask()
        parameters = {name: _drawn(trial, name, space) for name, space in said.space.items()}
        trial.set_user_attr(PARAMETERS, parameters)
        batch.append(_Running(trial, parameters))
    return batch


def _try_own(trial: optuna.Trial, judges: Judges, folds: Sequence[Fold], study: optuna.Study) -> None:
    """The recipe's own parameters are never given up, so that all their folds go at once."""
    trial.set_user_attr(PARAMETERS, {})
    own = _Running(trial, {})
    with _failed_where_it_raises([own], study):
        for score in judges.scores([(fold, {}) for fold in folds]):
            own.add(score)
    study.tell(trial, float(np.mean(own.scores)))


def _try(batch: Sequence[_Running], judges: Judges, folds: Sequence[Fold], study: optuna.Study) -> None:
    going = list(batch)
    for number, fold in enumerate(folds):
        with _failed_where_it_raises(going, study):
            for one, score in zip(going, judges.scores([(fold, one.parameters) for one in going]), strict=True):
                one.add(score)
        if number + 1 == len(folds):
            break
        hopeless = [one for one in going if one.trial.should_prune()]
        for one in hopeless:
            study.tell(one.trial, state=optuna.trial.TrialState.PRUNED)
        going = [one for one in going if one not in hopeless]
    for one in going:
        study.tell(one.trial, float(np.mean(one.scores)))


@contextmanager
def _failed_where_it_raises(running: Sequence[_Running], study: optuna.Study) -> Iterator[None]:
    """A journal keeps no trial as running that nobody runs: TPE would keep away from it for ever."""
    try:
        yield
    except BaseException:
        for one in running:
            study.tell(one.trial, state=optuna.trial.TrialState.FAIL)
        raise


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
