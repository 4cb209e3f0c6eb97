"""What is done before several workers fit a model: which rows they get, and what a sample fixes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.table.roles import roles_of
from hotshelf_trainer.tabular.distributed import dealt, sampled, trees_of
from hotshelf_trainer.tabular.examples import Examples, examples_of
from hotshelf_trainer.tabular.settings import Settings
from hotshelf_trainer.tabular.splits import split
from tests.unit.trainer.tabular.tables import recipe_of, table


def made(task: str, rows: int = 400) -> tuple[Examples, TabularRecipe]:
    recipe = recipe_of(task, threads=1)
    made_up = table(rows)
    return examples_of(made_up, roles_of(made_up, recipe), recipe), recipe


RANKED, _ = made("ranking")
VALUED, _ = made("regression")


@given(hands=st.integers(1, 9), ranked=st.booleans())
def test_every_row_goes_to_one_worker_and_a_query_stays_whole(hands: int, *, ranked: bool) -> None:
    examples = RANKED if ranked else VALUED
    rows = dealt(examples, hands)
    assert np.array_equal(np.sort(np.concatenate(rows)), np.arange(len(examples)))
    owners = [set(examples.groups[each]) for each in rows]
    assert sum(len(owner) for owner in owners) == len(set(examples.groups))


@given(count=st.integers(1, 500), seed=st.integers(0, 5))
def test_a_sample_is_of_whole_groups_in_their_order_and_not_larger_than_asked(count: int, seed: int) -> None:
    sample = sampled(RANKED, count, seed)
    largest = int(np.bincount(RANKED.groups).max())
    assert len(sample) <= max(count, largest)
    assert len(sample) > count - largest or len(sample) == len(RANKED)
    sizes = np.bincount(sample.groups)
    assert sizes.all(), "groups count from 0 without a hole"
    assert np.count_nonzero(np.diff(sample.groups)) == len(sizes) - 1, "rows of a group stand together"
    assert set(sizes) <= set(np.bincount(RANKED.groups))


def test_a_sample_keeps_truth_and_features_together() -> None:
    sample = sampled(VALUED, 100, 0)
    known = dict(zip(VALUED.frame["noise"], VALUED.truth, strict=True))
    assert [known[row] for row in sample.frame["noise"]] == list(sample.truth)
    assert len(sample) == len(sample.groups) == 100


def test_trees_stop_where_the_folds_gain_no_more() -> None:
    examples, recipe = made("regression")
    folds = split(examples, recipe).folds
    settings = Settings(recipe.preprocessing, recipe.seed, recipe.threads)
    steep = {"n_estimators": 500, "learning_rate": 0.3, "num_leaves": 31}
    assert 1 <= trees_of(examples, folds, steep, settings, patience=10) < 100
    flat = {"n_estimators": 15, "learning_rate": 0.01}
    assert trees_of(examples, folds, flat, settings, patience=10) == 15


def test_only_lightgbm_is_fitted_by_several_workers() -> None:
    with pytest.raises(RecipeError, match="only lightgbm is fitted by several workers, not Ridge"):
        recipe_of("regression", estimator={"name": "Ridge", "distributed": {"sample": 1000}})
