"""Scikit-learn estimators by name, behind the preparation that the recipe asks for, all fitted on the same rows."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import is_classifier, is_regressor
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler, TargetEncoder
from sklearn.utils import all_estimators

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes.tabular import Preprocessing
from hotshelf_trainer.tabular.examples import Examples, Indices
from hotshelf_trainer.tabular.settings import Settings

PARALLEL = ("sklearn.ensemble", "sklearn.neighbors")
"""Modules whose ``n_jobs`` does something; elsewhere it is deprecated."""


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
    pipeline = Pipeline([("prepare", preparation(examples, settings.preprocessing)), ("learn", estimator)])
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


def preparation(examples: Examples, said: Preprocessing) -> ColumnTransformer:
    """What is done to each kind of column. What it learns, it learns from the rows that it is fitted on."""
    scalers = {"standard": StandardScaler, "robust": RobustScaler}
    numbers: list[Any] = [
        SimpleImputer(strategy="constant", fill_value=0)
        if said.impute == "zero"
        else SimpleImputer(strategy=said.impute)
    ]
    if said.scale in scalers:
        numbers.append(scalers[said.scale]())
    kinds = [("numbers", make_pipeline(*numbers), list(examples.roles.numeric))] if examples.roles.numeric else []
    if examples.roles.categorical:
        kinds.append(("categories", _encoder(said), list(examples.roles.categorical)))
    return ColumnTransformer(kinds, verbose_feature_names_out=False)


def _encoder(said: Preprocessing) -> Any:
    if said.encode == "ordinal":
        return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    if said.encode == "target":
        return TargetEncoder(shuffle=False)
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=said.rare, sparse_output=False)


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
    own = estimator.get_params()
    wanted: dict[str, Any] = {"random_state": settings.seed}
    if type(estimator).__module__.startswith(PARALLEL):
        wanted["n_jobs"] = settings.threads
    return estimator.set_params(**{key: value for key, value in wanted.items() if key in own and key not in parameters})
