"""LightGBM on a table as it is: missing numbers and categories need no preparation."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from hotshelf_trainer.diagnosis.crossing import Fold
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
    trees, given = settled(parameters, examples, settings.seed)
    categories = categories_of(examples, rows)
    with refusals():
        booster = lightgbm.train(
            {**given, "num_threads": settings.threads}, dataset_of(examples, rows, categories), trees
        )
    return BoostedModel(booster, categories, examples.task)


def best_trees(examples: Examples, fold: Fold, parameters: Mapping[str, Any], settings: Settings, patience: int) -> int:
    """Where the loss on a fold's held-out rows is least: growing ends ``patience`` trees after it. Raises as above."""
    trees, given = settled(parameters, examples, settings.seed)
    categories = categories_of(examples, fold.train)
    train = dataset_of(examples, fold.train, categories)
    with refusals():
        booster = lightgbm.train(
            {**given, "num_threads": settings.threads},
            train,
            trees,
            valid_sets=[dataset_of(examples, fold.held_out, categories, train)],
            callbacks=[lightgbm.early_stopping(patience, verbose=False)],
        )
    return int(booster.best_iteration or trees)


def settled(parameters: Mapping[str, Any], examples: Examples, seed: int) -> tuple[int, dict[str, Any]]:
    """How many trees, and all else that LightGBM is told but for the threads.

    Raises ``RecipeError`` for a parameter that the recipe says elsewhere.
    """
    for name in OURS:
        if name in parameters:
            raise RecipeError(
                f"estimator.parameters.{name}: the recipe's task, seed and threads decide that; leave it out"
            )
    given = {**DEFAULTS, **parameters}
    trees = int(given.pop(TREES, DEFAULT_TREES))
    return trees, {**given, **_fixed(examples, seed)}


@contextmanager
def refusals() -> Iterator[None]:
    """LightGBM's errors in the recipe's words."""
    try:
        yield
    except lightgbm.basic.LightGBMError as error:
        raise RecipeError(f"estimator.parameters: LightGBM refuses them: {error}") from error


def categories_of(examples: Examples, rows: Indices) -> Mapping[str, list[str]]:
    """The texts that a model of the rows knows, by column."""
    frame = examples.frame
    return {name: sorted(set(frame[name].iloc[rows])) for name in examples.roles.categorical}


def dataset_of(
    examples: Examples,
    rows: Indices,
    categories: Mapping[str, list[str]],
    train: lightgbm.Dataset | None = None,
) -> lightgbm.Dataset:
    """Rows as LightGBM takes them; rows to judge on are binned as those of ``train`` are."""
    return lightgbm.Dataset(
        with_categories(examples.frame.iloc[rows], categories),
        examples.truth[rows],
        reference=train,
        group=sizes(examples.groups[rows]) if examples.task == "ranking" else None,
        free_raw_data=True,
    )


def with_categories(frame: pd.DataFrame, categories: Mapping[str, list[str]]) -> pd.DataFrame:
    """The frame with its texts as codes; a text that isn't known, and none, is missing."""
    if not categories:
        return frame
    coded = {name: _coded(frame[name], [text for text in known if text]) for name, known in categories.items()}
    return frame.assign(**coded)


def _coded(column: "pd.Series[Any]", known: list[str]) -> pd.Categorical:
    return pd.Categorical(column.where(column.isin(known), None), categories=known)


def _fixed(examples: Examples, seed: int) -> dict[str, Any]:
    fixed: dict[str, Any] = {
        "objective": OBJECTIVES[examples.task],
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,  # LightGBM would choose by timing, and sums in another order give other trees
        "verbose": -1,
    }
    return fixed | ({"num_class": len(examples.classes)} if examples.task == "multiclass" else {})


def sizes(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Rows of each query, in the order of the rows: those of one query stand together."""
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    return np.diff(np.append(starts, len(groups)))
