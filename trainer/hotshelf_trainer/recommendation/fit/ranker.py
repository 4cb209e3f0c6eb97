"""The two heads: LightGBM LambdaRank (Burges, "From RankNet to LambdaRank to LambdaMART", 2010)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.booster import Booster
from hotshelf_server.runtimes.recommender.feature_names import NAMES
from hotshelf_server.runtimes.recommender.ranker import Rankers
from hotshelf_server.runtimes.recommender.state import Floats
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import Rows, Trees

TRUNCATION = 20
"""Pairs with a member in the first 20 count: twice the list that is judged."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows as LambdaRank wants them: one group a customer, none without a purchase to rank."""

    features: Floats
    label: npt.NDArray[np.int8]
    sizes: npt.NDArray[np.int64]


Progress = Callable[[float], None]


def find_trees(train: Sequence[Rows], validation: Rows, recipe: RecommendationRecipe, progress: Progress) -> Trees:
    """The number of trees after which NDCG@10 on the validation window no longer rises, for each head."""
    mixed = _early_stopped(train, validation, recipe, new_only=False, progress=lambda share: progress(share / 2))
    new = _early_stopped(train, validation, recipe, new_only=True, progress=lambda share: progress(0.5 + share / 2))
    return Trees(mixed, new)


def fit(windows: Sequence[Rows], trees: Trees, recipe: RecommendationRecipe, progress: Progress) -> Rankers:
    """Both heads on all ``windows``, with a known number of trees."""
    mixed = _fitted(windows, trees.mixed, recipe, new_only=False, progress=lambda share: progress(share / 2))
    new = _fitted(windows, trees.new, recipe, new_only=True, progress=lambda share: progress(0.5 + share / 2))
    return Rankers(mixed, new)


def grown(windows: Sequence[Rows], leaves: int, trees: int, recipe: RecommendationRecipe) -> lightgbm.Booster:
    """The mixed head with another capacity; its first trees are those of the same with fewer."""
    data = _dataset(_merged(windows, False, recipe.ranker.negatives, recipe.seed))  # noqa: FBT003 - the mixed head
    return lightgbm.train({**_parameters(recipe), "num_leaves": leaves}, data, trees)


def _early_stopped(
    train: Sequence[Rows], validation: Rows, recipe: RecommendationRecipe, *, new_only: bool, progress: Progress
) -> int:
    options = recipe.ranker
    data = _dataset(_merged(train, new_only, options.negatives, recipe.seed))
    held_out = _dataset(_merged([validation], new_only, None, recipe.seed), reference=data)
    stop = lightgbm.early_stopping(options.patience, verbose=False)
    booster = lightgbm.train(
        _parameters(recipe), data, options.trees, [held_out], callbacks=[stop, _reporting(progress, options.trees)]
    )
    # The best of a noisy curve may be its first points; a handful of trees ranks badly in every other window.
    return min(max(options.least_trees, int(booster.best_iteration)), options.trees)


def _fitted(
    windows: Sequence[Rows], trees: int, recipe: RecommendationRecipe, *, new_only: bool, progress: Progress
) -> Booster:
    data = _dataset(_merged(windows, new_only, recipe.ranker.negatives, recipe.seed))
    trained = lightgbm.train(_parameters(recipe), data, trees, callbacks=[_reporting(progress, trees)])
    # Judged as it will be served: from its text, by the server's scorer.
    return Booster(trained.model_to_string())


def _parameters(recipe: RecommendationRecipe) -> dict[str, object]:
    options = recipe.ranker
    return {
        "objective": "lambdarank",
        "lambdarank_truncation_level": TRUNCATION,
        "metric": "ndcg",
        "eval_at": [10],
        "learning_rate": options.learning_rate,
        "num_leaves": options.leaves,
        "min_data_in_leaf": options.min_rows_in_leaf,
        "feature_fraction": options.feature_fraction,
        "bagging_fraction": options.row_fraction,
        "bagging_freq": 1,
        "lambda_l2": options.l2,
        "max_bin": 127,
        "seed": recipe.seed,
        "num_threads": recipe.threads,
        # Equal trees for an equal seed and number of threads.
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def _dataset(groups: Groups, reference: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        groups.features,
        groups.label,
        group=groups.sizes,
        feature_name=list(NAMES),
        reference=reference,
        params={"max_bin": 127, "verbosity": -1},
    )


def _merged(windows: Sequence[Rows], new_only: bool, negatives: int | None, seed: int) -> Groups:  # noqa: FBT001
    rng = np.random.default_rng(seed)
    chosen = [_chosen(rows, new_only, negatives, rng) for rows in windows]
    return Groups(
        features=np.concatenate([rows.features[keep] for rows, keep in zip(windows, chosen, strict=True)]),
        label=np.concatenate([rows.label[keep] for rows, keep in zip(windows, chosen, strict=True)]),
        sizes=np.concatenate([_sizes(rows, keep) for rows, keep in zip(windows, chosen, strict=True)]),
    )


def _sizes(rows: Rows, keep: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    sizes = np.bincount(rows.query[keep], minlength=len(rows.repeats))
    return sizes[sizes > 0]


def _chosen(
    rows: Rows,
    new_only: bool,  # noqa: FBT001
    negatives: int | None,
    rng: np.random.Generator,
) -> npt.NDArray[np.bool_]:
    """All bought candidates of one head and a sample of the others, of customers who bought at least one."""
    query, queries = rows.query, len(rows.repeats)
    keep = rows.is_new if new_only else np.ones(len(query), dtype=bool)
    if negatives is not None:
        others = np.bincount(query[keep & (rows.label == 0)], minlength=queries)
        share = negatives / np.maximum(others, 1)
        keep &= (rows.label == 1) | (rng.random(len(query)) < share[query])
    bought = np.bincount(query[keep & (rows.label == 1)], minlength=queries)
    return np.asarray(keep & (bought > 0)[query])


def _reporting(progress: Progress, trees: int) -> Callable[[lightgbm.callback.CallbackEnv], None]:
    def report(env: lightgbm.callback.CallbackEnv) -> None:
        progress((env.iteration + 1) / trees)

    return report
