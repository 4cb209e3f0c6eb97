"""What any model must beat: a constant, and a plain linear model."""

from collections.abc import Callable, Mapping

import numpy as np

from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.table.rows import Indices
from hotshelf_trainer.tabular.evaluation import Part, Predictions
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.learner import TableLearner

LINEAR = {"classification": "LogisticRegression", "regression": "Ridge"}


def baselines(examples: Examples, recipe: TabularRecipe, learning: Indices, test: Indices) -> tuple[Part, ...]:
    """Each baseline's predictions of the test rows. A ranking's linear one orders by a linear estimate of the grade."""
    made: Mapping[str, Callable[[], Predictions]] = {
        "constant": lambda: _constant(examples, learning, len(test)),
        "linear": lambda: _linear(examples, recipe, learning, test),
    }
    return tuple(Part(name, test, predict()) for name, predict in made.items())


def _constant(examples: Examples, learning: Indices, rows: int) -> Predictions:
    """The mean, or the classes' shares; for a ranking no order at all, which ties make the rows' own."""
    truth = examples.truth[learning]
    if examples.classes:
        shares = np.bincount(truth.astype(np.int64), minlength=len(examples.classes)) / len(truth)
        return np.tile(shares, (rows, 1))
    return np.full(rows, truth.mean())


def _linear(examples: Examples, recipe: TabularRecipe, learning: Indices, test: Indices) -> Predictions:
    name = LINEAR.get(recipe.task, "Ridge")
    parameters = {"max_iter": 2000} if name == "LogisticRegression" else {}
    return TableLearner(examples, recipe, name).fit(learning, parameters, recipe.seed)(test)
