"""The model of all rows, fitted by all workers of a cluster together, and what is fixed for it on a sample before."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.progress import Progress
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.scale_out.chunk import Chunk
from hotshelf_trainer.table.rows import Indices
from hotshelf_trainer.tabular.boosted import (
    OBJECTIVES,
    BoostedModel,
    best_trees,
    categories_of,
    settled,
    sizes,
    with_categories,
)
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.learner import Model, TableLearner
from hotshelf_trainer.tabular.settings import Settings

if TYPE_CHECKING:
    from hotshelf_trainer.scale_out.cluster import Cluster


def sampled(examples: Examples, count: int, seed: int) -> Examples:
    """At most ``count`` rows, of whole groups; one group at least."""
    if len(examples) <= count:
        return examples
    rows_of = np.bincount(examples.groups)
    order = np.random.default_rng(seed).permutation(len(rows_of))
    kept = max(1, int(np.searchsorted(rows_of[order].cumsum(), count, side="right")))
    return examples.among(np.flatnonzero(np.isin(examples.groups, order[:kept])))


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
    learner: TableLearner,
    everything: Examples,
    parameters: Mapping[str, Any],
    recipe: TabularRecipe,
    cluster: "Cluster | None",
) -> Model:
    """What is published: learned from all rows, here or by the workers together, as the recipe says."""
    if recipe.estimator.distributed is None or cluster is None:
        return learner.fit(np.arange(len(everything)), parameters, recipe.seed).model
    return fit_distributed(cluster, everything, {**learner.defaults, **parameters}, _settings(recipe))


def _settings(recipe: TabularRecipe) -> Settings:
    return Settings(recipe.preprocessing, recipe.seed, recipe.threads)


def trees_of(
    examples: Examples, folds: Sequence[Fold], parameters: Mapping[str, Any], settings: Settings, patience: int
) -> int:
    """The median over the folds of where each is best.

    A fit over several machines can't stop early: each scores its own rows, and when one stops the others fail.
    """
    return max(1, round(median(best_trees(examples, fold, parameters, settings, patience) for fold in folds)))


def fit_distributed(
    cluster: "Cluster", examples: Examples, parameters: Mapping[str, Any], settings: Settings
) -> BoostedModel:
    """Of all rows. Raises ``ClusterError`` where workers die again and again."""
    from hotshelf_trainer.scale_out.boosting import boosted  # noqa: PLC0415 - Dask is an extra

    trees, given = settled(parameters, examples, settings.seed)
    categories = categories_of(examples, np.arange(len(examples)))
    frame = with_categories(examples.frame, categories)
    chunks = [_chunk(examples, frame, rows) for rows in dealt(examples, cluster.workers_for_a_joint_fit())]
    booster = boosted(cluster, chunks, given, trees, ranks=OBJECTIVES[examples.task] == "lambdarank")
    return BoostedModel(booster, categories, examples.task)


def dealt(examples: Examples, hands: int) -> list[Indices]:
    """Rows by turns to each worker, so that all see the same distribution; rows of a query go together."""
    if examples.task != "ranking":
        return [np.arange(hand, len(examples), hands) for hand in range(hands)]
    return [np.flatnonzero(examples.groups % hands == hand) for hand in range(hands)]


def _chunk(examples: Examples, frame: pd.DataFrame, rows: Indices) -> Chunk:
    group = pd.Series(sizes(examples.groups[rows])) if examples.task == "ranking" else None
    return Chunk(frame.iloc[rows], pd.Series(examples.truth[rows]), group)
