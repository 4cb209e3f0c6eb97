"""LightGBM on a table as it is: missing numbers and categories need no preparation."""

from collections.abc import Mapping
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from hotshelf_trainer.diagnosis.metrics import Task
from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.table.rows import Indices
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.settings import Settings

OBJECTIVES: Mapping[Task, str] = {
    "binary": "binary",
    "multiclass": "multiclass",
    "regression": "regression",
    "ranking": "lambdarank",
}
TREES = "n_estimators"
DEFAULT_TREES = 200
DEFAULTS: Mapping[str, Any] = {"learning_rate": 0.05, "num_leaves": 31, "min_child_samples": 20}
OURS = ("objective", "metric", "num_class", "seed", "num_threads", "deterministic", "early_stopping_round")
"""What a recipe may not say, since the task or the recipe's own keys do."""


class BoostedModel:
    """A booster, and the categories that it knows."""

    def __init__(self, booster: lightgbm.Booster, categories: Mapping[str, list[str]], task: Task) -> None:
        self.booster = booster
        self._categories = categories
        self._task = task

    def predict(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """[n] values or scores; [n, classes] probabilities."""
        scores = np.asarray(self.booster.predict(with_categories(frame, self._categories)))
        return np.column_stack([1 - scores, scores]) if self._task == "binary" else scores

    def gain(self) -> npt.NDArray[np.float64]:
        """[features] the gain of each feature's splits."""
        return self.booster.feature_importance("gain")


def fit_boosted(examples: Examples, rows: Indices, parameters: Mapping[str, Any], settings: Settings) -> BoostedModel:
    """Raises ``RecipeError`` for parameters that LightGBM refuses or that the recipe says elsewhere."""
    for name in OURS:
        if name in parameters:
            raise RecipeError(
                f"estimator.parameters.{name}: the recipe's task, seed and threads decide that; leave it out"
            )
    frame = examples.frame.iloc[rows]
    categories = {name: sorted(set(frame[name])) for name in examples.roles.categorical}
    parameters = {**DEFAULTS, **parameters}
    trees = int(parameters.pop(TREES, DEFAULT_TREES))
    data = lightgbm.Dataset(
        with_categories(frame, categories),
        examples.truth[rows],
        group=_sizes(examples.groups[rows]) if examples.task == "ranking" else None,
        free_raw_data=True,
    )
    try:
        booster = lightgbm.train({**parameters, **_fixed(examples, settings)}, data, trees)
    except lightgbm.basic.LightGBMError as error:
        raise RecipeError(f"estimator.parameters: LightGBM refuses them: {error}") from error
    return BoostedModel(booster, categories, examples.task)


def with_categories(frame: pd.DataFrame, categories: Mapping[str, list[str]]) -> pd.DataFrame:
    """The frame with its texts as codes; a text that isn't known, and none, is missing."""
    if not categories:
        return frame
    coded = {name: _coded(frame[name], [text for text in known if text]) for name, known in categories.items()}
    return frame.assign(**coded)


def _coded(column: "pd.Series[Any]", known: list[str]) -> pd.Categorical:
    return pd.Categorical(column.where(column.isin(known), None), categories=known)


def _fixed(examples: Examples, settings: Settings) -> dict[str, Any]:
    fixed: dict[str, Any] = {
        "objective": OBJECTIVES[examples.task],
        "seed": settings.seed,
        "num_threads": settings.threads,
        "deterministic": True,
        "force_row_wise": True,  # LightGBM would choose by timing, and sums in another order give other trees
        "verbose": -1,
    }
    return fixed | ({"num_class": len(examples.classes)} if examples.task == "multiclass" else {})


def _sizes(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Rows of each query, in the order of the rows: those of one query stand together."""
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    return np.diff(np.append(starts, len(groups)))
