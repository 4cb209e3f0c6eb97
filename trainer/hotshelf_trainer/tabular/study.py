"""Optuna's record of a search: kept in a journal file where one is named, so that one that was cut off goes on."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.recipes import TabularRecipe

PARAMETERS, SCORES = "parameters", "scores"
"""What we keep with each trial."""
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
LEAST_FOR_IMPORTANCE = 4
"""Trials below which nothing is said of the hyperparameters' shares."""


def open_study(metric: Metric, seed: int, journal: Path | None, name: str) -> optuna.Study:
    """The study of that name, as far as it got.

    One that goes on draws from another seed than it began with: the same would propose again what was tried.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize" if metric.higher_is_better else "minimize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1),
        storage=None if journal is None else JournalStorage(JournalFileBackend(str(journal))),
        study_name=name,
        load_if_exists=True,
    )
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(finished(study)))
    return study


def finished(study: optuna.Study) -> list[FrozenTrial]:
    """Trials that were seen to their end or given up; one that the process died in is neither."""
    return [trial for trial in study.trials if trial.state in FINISHED and trial.user_attrs.get(SCORES)]


def importance(study: optuna.Study) -> Mapping[str, float]:
    """Share of the scores' variance that each hyperparameter explains (fANOVA, Hutter et al. 2014).

    Empty where too few trials were finished, or all of them score the same.
    """
    drawn = [one for one in study.trials if one.state is TrialState.COMPLETE and one.params]
    if len(drawn) < LEAST_FOR_IMPORTANCE or len({one.value for one in drawn}) < 2:
        return {}
    copy = optuna.create_study(direction=study.direction)
    copy.add_trials(drawn)
    return optuna.importance.get_param_importances(copy, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0))


def name_of(recipe: TabularRecipe, fingerprint: str) -> str:
    """The name under which a journal keeps a search: another one where data or anything that scores are made of differ.

    The budget isn't among it, so that a search can go on with a larger one, or with more trials together.
    """
    apart: Any = {"data": True, "gate": True, "diagnosis": True, "promote": True, "threads": True, "allow_leaks": True}
    content = recipe.model_dump_json(exclude={**apart, "search": {"trials", "seconds", "parallel"}})
    return hashlib.sha256(f"{fingerprint} {content}".encode()).hexdigest()
