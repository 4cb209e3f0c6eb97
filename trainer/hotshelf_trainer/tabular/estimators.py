"""Scikit-learn estimators by name, behind the preparation that the recipe asks for, all fitted on the same rows."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import is_classifier, is_regressor
from sklearn.pipeline import Pipeline
from sklearn.utils import all_estimators

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes.tabular import Step
from hotshelf_trainer.table.preparation import preparation, settled
from hotshelf_trainer.table.rows import Indices
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.settings import Settings

Named = tuple[str, Sequence[Step]]
"""An estimator by its class name, and the steps before it."""


class EstimatorModel:
    """A fitted pipeline."""

    def __init__(self, pipeline: Pipeline, classes: int) -> None:
        """``classes``: how many there are; 0 for regression."""
        self.pipeline = pipeline
        self._classes = classes

    def predict(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """[n] values; [n, classes] probabilities."""
        if not self._classes:
            return np.asarray(self.pipeline.predict(frame), dtype=np.float64)
        return np.asarray(self.pipeline.predict_proba(frame), dtype=np.float64)

    def gain(self) -> None:
        """Estimators differ too much in what they tell of themselves; permutation tells the same of all."""


def fit_estimator(
    examples: Examples, rows: Indices, named: Named, parameters: Mapping[str, Any], settings: Settings
) -> EstimatorModel:
    """Raises ``RecipeError`` for an unknown estimator, for parameters that it refuses, and for one of another task."""
    name, steps = named
    own = {key: value for key, value in parameters.items() if not _is_a_steps(key, steps)}
    pipeline = Pipeline(
        [
            ("prepare", preparation(examples.roles, settings.preprocessing)),
            *((step.name.lower(), _transformer(step, parameters, settings)) for step in steps),
            ("learn", _made(name, examples.task, own, settings)),
        ]
    )
    classified = bool(examples.classes)
    truth = (
        np.array(examples.classes, dtype=object)[examples.truth[rows].astype(np.int64)]
        if classified
        else examples.truth[rows]
    )
    try:
        pipeline.fit(examples.frame.iloc[rows], truth)
    except (ValueError, TypeError) as error:
        raise RecipeError(f"estimator {name} refuses what it was given: {error}") from error
    return EstimatorModel(pipeline, len(examples.classes))


def _is_a_steps(key: str, steps: Sequence[Step]) -> bool:
    return any(key.startswith(f"{step.name}__") for step in steps)


def _transformer(step: Step, parameters: Mapping[str, Any], settings: Settings) -> Any:
    """The step with its own parameters, and those that name it: ``PCA__n_components``."""
    known = dict(all_estimators(type_filter="transformer"))
    if step.name not in known:
        raise RecipeError(
            f"estimator.steps: no transformer {step.name!r}; {_hint(step.name, list(known), 'transformer')}"
        )
    prefix = f"{step.name}__"
    over = {key.removeprefix(prefix): value for key, value in parameters.items() if key.startswith(prefix)}
    given = {**step.parameters, **over}
    return settled(_constructed(known[step.name], step.name, given), given, settings.seed, settings.threads)


def _hint(name: str, known: Sequence[str], kind: str) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"expected a scikit-learn {kind} by class name"


def _constructed(kind: Any, name: str, parameters: Mapping[str, Any]) -> Any:
    try:
        return kind(**parameters)
    except TypeError as error:
        raise RecipeError(f"estimator.parameters: {name} refuses them: {error}") from error


def _made(name: str, task: str, parameters: Mapping[str, Any], settings: Settings) -> Any:
    kind = "regressor" if task in ("regression", "ranking") else "classifier"
    known = dict(all_estimators(type_filter=kind))
    if name not in known:
        raise RecipeError(f"estimator.name: no {kind} {name!r}; {_hint(name, ['lightgbm', *known], kind)}")
    estimator = _constructed(known[name], name, parameters)
    assert is_classifier(estimator) or is_regressor(estimator)  # noqa: S101 - what all_estimators promised
    if kind == "classifier" and not hasattr(estimator, "predict_proba"):
        raise RecipeError(f"estimator.name: {name} gives no probabilities; expected one with predict_proba")
    return settled(estimator, parameters, settings.seed, settings.threads)
