"""Numbers of components that are tried: each small one, ever fewer of the large ones, never too many."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes import DecompositionRecipe
from hotshelf_trainer.unsupervised.sizes import SPREAD, counts_of, folds_of, refuse_negative
from tests.unit.trainer.unsupervised.tables import recipe_of


def recipe(**said: Any) -> DecompositionRecipe:
    made = recipe_of("decomposition", **said)
    assert isinstance(made, DecompositionRecipe)
    return made


@given(asked=st.integers(1, 1000), columns=st.integers(1, 2000))
def test_counts_rise_from_1_to_the_most_that_there_can_be(asked: int, columns: int) -> None:
    counts = counts_of(recipe(components={"most": asked}), columns)
    assert counts[0] == 1
    assert counts[-1] == min(asked, columns)
    assert counts == sorted(set(counts))
    assert set(range(1, min(SPREAD, counts[-1]) + 1)) <= set(counts)
    assert len(counts) <= 40


@given(asked=st.integers(1, 1000), columns=st.integers(1, 2000))
def test_a_number_that_the_recipe_gives_is_among_those_tried_or_refused(asked: int, columns: int) -> None:
    if asked > columns:
        with pytest.raises(DataError, match=f"{asked} components .* expected at most {columns}, as many"):
            counts_of(recipe(components=asked), columns)
    else:
        counts = counts_of(recipe(components=asked), columns)
        assert asked in counts
        assert counts[-1] <= columns


@given(groups=st.lists(st.integers(0, 9), min_size=12, max_size=60), count=st.integers(2, 4))
def test_folds_keep_groups_together_and_judge_each_row_once(groups: list[int], count: int) -> None:
    rows = np.array([*groups, *range(10)])
    folds = folds_of(rows, count, seed=0)
    assert np.array_equal(np.sort(np.concatenate([fold.held_out for fold in folds])), np.arange(len(rows)))
    for fold in folds:
        assert not np.intersect1d(rows[fold.train], rows[fold.held_out]).size


def test_fewer_groups_than_folds_are_refused() -> None:
    with pytest.raises(DataError, match="2 rows or groups to learn from; expected at least 3"):
        folds_of(np.array([0, 0, 1, 1]), 3, seed=0)


def test_numbers_below_0_are_refused_for_nmf_alone() -> None:
    frame = pd.DataFrame({"x": [1.0, -2.0]})
    refuse_negative(recipe(), frame)
    refuse_negative(recipe(estimator={"name": "NMF"}, preprocessing={"scale": "minmax"}), frame)
    with pytest.raises(DataError, match=r"column 'x' has values below 0 \(down to -2\)"):
        refuse_negative(recipe(estimator={"name": "NMF"}, preprocessing={"scale": "none"}), frame)
