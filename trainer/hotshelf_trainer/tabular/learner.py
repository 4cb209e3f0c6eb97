"""Fits one kind of estimator on rows of examples, and has it foretell others."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.table.rows import Indices
from hotshelf_trainer.tabular.boosted import TREES, fit_boosted
from hotshelf_trainer.tabular.estimators import fit_estimator
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.settings import Settings

LIGHTGBM = "lightgbm"


class Model(Protocol):
    """What was learned."""

    def predict(self, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
        """[n] values or scores of grades; [n, classes] probabilities."""
        ...

    def gain(self) -> npt.NDArray[np.float64] | None:
        """[features] what each is worth by the model's own account; None where it gives none."""
        ...


class FittedOn:
    """A model and the examples whose rows it is asked for."""

    def __init__(self, model: Model, examples: Examples) -> None:
        self.model = model
        self._examples = examples

    def __call__(self, rows: Indices) -> npt.NDArray[np.float64]:
        """What it says of rows."""
        return self.model.predict(self._examples.frame.iloc[rows])


class TableLearner:
    """A recipe's estimator on its examples."""

    def __init__(
        self, examples: Examples, recipe: TabularRecipe, estimator: str | None = None, trees: int | None = None
    ) -> None:
        """``estimator``: another one than the recipe's, with its default parameters.

        ``trees``: how many to grow where the parameters of a fit say nothing else, and whatever the recipe's say.
        """
        self.examples = examples
        self._recipe = recipe
        self.name = estimator or recipe.estimator.name
        self.found: Mapping[str, Any] = {} if trees is None else {TREES: trees}
        """Parameters that were found before any fit."""
        given = dict(recipe.estimator.parameters) if estimator is None else {}
        self._steps = recipe.estimator.steps if estimator is None else ()
        self.defaults: Mapping[str, Any] = {**given, **self.found}

    def fit(self, rows: Indices, parameters: Mapping[str, Any], seed: int) -> FittedOn:
        """Fit on rows, with parameters over the recipe's. Raises ``RecipeError`` for those that it doesn't take."""
        merged = {**self.defaults, **parameters}
        settings = Settings(self._recipe.preprocessing, seed, self._recipe.threads)
        model: Model
        if self.name == LIGHTGBM:
            model = fit_boosted(self.examples, rows, merged, settings)
        else:
            model = fit_estimator(self.examples, rows, (self.name, self._steps), merged, settings)
        return FittedOn(model, self.examples)
