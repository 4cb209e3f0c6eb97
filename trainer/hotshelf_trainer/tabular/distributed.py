"""The model of all rows, fitted by all workers of a cluster together, and what is fixed for it on a sample before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.progress import Progress
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.scale_out.chunk import Chunk
from hotshelf_trainer.table.intake import take
from hotshelf_trainer.table.reading import Overview, Share
from hotshelf_trainer.tabular.boosted import (
    BoostedModel,
    best_trees,
    categories_of,
    settled,
    sizes,
    with_categories,
)
from hotshelf_trainer.tabular.examples import Examples, examples_of
from hotshelf_trainer.tabular.learner import Model, TableLearner
from hotshelf_trainer.tabular.settings import Settings

if TYPE_CHECKING:
    from hotshelf_trainer.scale_out.cluster import Cluster


def sample_of_rows(recipe: TabularRecipe, overview: Overview) -> Share | None:
    """About as many rows as the recipe says, of whole groups: by a hash, so that the rest is never read into memory."""
    said = recipe.estimator.distributed
    return None if said is None else Share(0, max(1, -(-overview.rows // said.sample)), recipe.group)


def fixed_trees(examples: Examples, folds: Sequence[Fold], recipe: TabularRecipe, progress: Progress) -> int | None:
    """How many trees a joint fit is to grow, found on the sample's folds; None where the recipe asks for none."""
    said = recipe.estimator.distributed
    if said is None:
        return None
    with progress.stage(f"Finding the number of trees on {len(examples):,} rows"):
        found = trees_of(examples, folds, recipe.estimator.parameters, _settings(recipe), said.patience)
    progress.say(f"{found} trees, by early stopping on the folds of {len(examples):,} rows: all is judged on these")
    return found


def final_model(
    learner: TableLearner, parameters: Mapping[str, Any], recipe: TabularRecipe, cluster: "Cluster | None"
) -> Model:
    """What is published: learned from all rows, here or by the workers together, as the recipe says."""
    examples = learner.examples
    if recipe.estimator.distributed is None or cluster is None:
        return learner.fit(np.arange(len(examples)), parameters, recipe.seed).model
    return fit_distributed(cluster, examples, {**learner.defaults, **parameters}, recipe)


def _settings(recipe: TabularRecipe) -> Settings:
    return Settings(recipe.preprocessing, recipe.seed, recipe.threads)


def trees_of(
    examples: Examples, folds: Sequence[Fold], parameters: Mapping[str, Any], settings: Settings, patience: int
) -> int:
    """The median over the folds of where each is best.

    A fit over several machines can't stop early: each scores its own rows, and when one stops the others fail.
    """
    return max(1, round(median(best_trees(examples, fold, parameters, settings, patience) for fold in folds)))


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of a table, each read by the worker that learns from it: what it must know for that."""

    recipe: TabularRecipe
    classes: tuple[str, ...]
    categories: Mapping[str, list[str]]
    """Those that the sample has; others count as missing."""

    def read(self, part: int, parts: int) -> Chunk:
        """Raises ``DataError`` for rows that can't be learned from."""
        recipe = self.recipe
        taken = take(recipe, Share(part, parts, recipe.group))
        return self.chunk(examples_of(taken.checked.kept, taken.roles, recipe, self.classes))

    def chunk(self, examples: Examples) -> Chunk:
        """Rows in the form that LightGBM takes."""
        group = pd.Series(sizes(examples.groups)) if examples.task == "ranking" else None
        return Chunk(with_categories(examples.frame, self.categories), pd.Series(examples.truth), group)


def fit_distributed(
    cluster: "Cluster", sample: Examples, parameters: Mapping[str, Any], recipe: TabularRecipe
) -> BoostedModel:
    """Of all rows of the recipe's files, which every worker must see. ``sample``: some of them.

    Raises ``DataError`` for rows that can't be learned from, and ``ClusterError`` where workers die again and again.
    """
    from hotshelf_trainer.scale_out.boosting import boosted  # noqa: PLC0415 - Dask is an extra

    trees, given = settled(parameters, sample, recipe.seed)
    categories = categories_of(sample, np.arange(len(sample)))
    shares = Shares(recipe, sample.classes, categories)
    return BoostedModel(boosted(cluster, shares, shares.chunk(sample), given, trees), categories, sample.task)
