"""Scikit-learn estimators by name, behind the preparation that the recipe asks for, all fitted on the same rows."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import is_classifier, is_regressor
from sklearn.pipeline import Pipeline
from sklearn.utils import all_estimators

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.table.preparation import preparation, settled
from hotshelf_trainer.table.rows import Indices
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.settings import Settings


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
    examples: Examples, rows: Indices, name: str, parameters: Mapping[str, Any], settings: Settings
) -> EstimatorModel:
    """Raises ``RecipeError`` for an unknown estimator, for parameters that it refuses, and for one of another task."""
    estimator = _made(name, examples.task, parameters, settings)
    pipeline = Pipeline([("prepare", preparation(examples.roles, settings.preprocessing)), ("learn", estimator)])
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


def _made(name: str, task: str, parameters: Mapping[str, Any], settings: Settings) -> Any:
    kind = "regressor" if task in ("regression", "ranking") else "classifier"
    known = dict(all_estimators(type_filter=kind))
    if name not in known:
        close = get_close_matches(name, ["lightgbm", *known], n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"expected lightgbm, or a scikit-learn {kind} by class name"
        raise RecipeError(f"estimator.name: no {kind} {name!r}; {hint}")
    try:
        estimator = known[name](**parameters)
    except TypeError as error:
        raise RecipeError(f"estimator.parameters: {name} refuses them: {error}") from error
    assert is_classifier(estimator) or is_regressor(estimator)  # noqa: S101 - what all_estimators promised
    if kind == "classifier" and not hasattr(estimator, "predict_proba"):
        raise RecipeError(f"estimator.name: {name} gives no probabilities; expected one with predict_proba")
    return settled(estimator, parameters, settings.seed, settings.threads)
