"""Which names a fitted estimator knows, uses and needs."""

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from hotshelf_server.runtimes.estimator_names import forget_names, names_of, needs_names, pick, used_names

FRAME = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 4)), columns=list("abcd"))
TARGET = FRAME["a"]


@pytest.mark.parametrize(
    "columns",
    [["d", "b"], [1, 3], [-1], slice(1, 3), slice("b", "c"), slice(None, "b"), slice(2, None), [], ()],
    ids=str,
)
def test_columns_are_used_in_whatever_way_they_were_picked(columns: Any) -> None:
    seen = ColumnTransformer([("x", "passthrough", columns)], verbose_feature_names_out=False).fit(FRAME)
    assert set(used_names(make_pipeline(seen))) == set(seen.get_feature_names_out())


@pytest.mark.parametrize("column", ["b", 1, -3, np.int64(1)], ids=str)
def test_a_single_column_may_be_picked_without_a_list(column: Any) -> None:
    assert pick(tuple("abcd"), column) == ("b",)


@pytest.mark.parametrize(
    "columns",
    [np.array([True, False, True, False]), make_column_selector("[bc]"), pd.Index(["a", "d"])],
    ids=["mask", "selector", "index"],
)
def test_masks_and_selectors_are_understood(columns: Any) -> None:
    seen = ColumnTransformer([("x", "passthrough", columns)], verbose_feature_names_out=False).fit(FRAME)
    assert set(used_names(seen)) == set(seen.get_feature_names_out())


def test_what_remains_is_used_unless_it_is_dropped() -> None:
    kept = ColumnTransformer([("x", "drop", ["a"])], remainder="passthrough").fit(FRAME)
    assert used_names(kept) == ("b", "c", "d")


def test_a_matrix_has_no_names() -> None:
    assert names_of(LinearRegression().fit(FRAME.to_numpy(), TARGET)) == ()


@pytest.mark.parametrize(
    "estimator",
    [
        ColumnTransformer([("x", StandardScaler(), ["a"])]),
        make_pipeline(StandardScaler().set_output(transform="pandas"), LinearRegression()),
        make_pipeline(OneHotEncoder(), LinearRegression()),
        make_pipeline(StandardScaler(), lightgbm.LGBMRegressor(n_estimators=1, verbose=-1)),
    ],
    ids=["by name", "pandas inside", "encoder", "not scikit-learn's"],
)
def test_names_are_kept_where_they_may_matter(estimator: Any) -> None:
    assert needs_names(estimator.fit(FRAME, TARGET))


def test_names_are_forgotten_in_every_part() -> None:
    model = make_pipeline(StandardScaler(), RandomForestRegressor(2, random_state=0)).fit(FRAME, TARGET)
    expected = model.predict(FRAME)
    assert not needs_names(model)
    forget_names(model)
    assert names_of(model) == ()
    np.testing.assert_array_equal(model.predict(FRAME.to_numpy()), expected)
