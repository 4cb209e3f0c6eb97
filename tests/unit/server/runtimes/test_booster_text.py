"""A model's text tells its features, and its categories where it is clear whose they are."""

import lightgbm
import numpy as np
import pandas as pd
import pytest

from hotshelf_server.runtimes.booster_text import UnknownCategories, feature_names, pandas_categories
from tests.fakes.tables import COLOURS, SIZES, labels, table


def text_of(frame: pd.DataFrame, categorical: list[str] | None = None) -> str:
    parameters = {"objective": "regression", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 3}
    return lightgbm.train(
        parameters, lightgbm.Dataset(frame, labels(), categorical_feature=categorical or "auto"), 2
    ).model_to_string()


def test_features_are_named_in_their_order() -> None:
    assert feature_names(text_of(table())) == ("price", "colour", "visits", "size", "member")


def test_categories_belong_to_their_features_in_the_order_of_their_codes() -> None:
    assert pandas_categories(text_of(table())) == {1: COLOURS, 3: SIZES}


def test_a_category_that_no_tree_uses_is_still_known() -> None:
    frame = table().assign(size=pd.Categorical([38] * len(table()), SIZES))
    assert pandas_categories(text_of(frame)) == {1: COLOURS, 3: SIZES}


def test_truth_values_and_fractions_may_be_categories() -> None:
    frame = table().assign(
        colour=pd.Categorical(table()["member"]),
        size=pd.Categorical(table()["visits"] * 0.5, [v / 2 for v in range(9)]),
    )
    assert pandas_categories(text_of(frame)) == {1: (False, True), 3: tuple(v / 2 for v in range(9))}


def test_a_model_of_a_matrix_has_no_categories() -> None:
    rows = np.random.default_rng(0).normal(size=(240, 2))
    text = lightgbm.train(
        {"verbose": -1}, lightgbm.Dataset(rows, labels(), categorical_feature=[]), 1
    ).model_to_string()
    assert pandas_categories(text) == {}
    assert feature_names(text) == ("Column_0", "Column_1")


def test_ordered_categories_are_not_guessed() -> None:
    frame = table().assign(size=pd.Categorical(table()["size"], SIZES, ordered=True))
    with pytest.raises(UnknownCategories, match="from 2 columns of categories, of which its text marks 1"):
        pandas_categories(text_of(frame))


@pytest.mark.filterwarnings("ignore:categorical_feature in param dict is overridden")
def test_codes_beyond_the_categories_are_somebody_else_s() -> None:
    text = text_of(table()[["price", "colour", "visits"]], categorical=["visits"])
    with pytest.raises(UnknownCategories, match="feature 2 has codes up to 8"):
        pandas_categories(text)


@pytest.mark.parametrize("line", ["{", '"x"', "[1]"])
def test_a_line_that_is_no_list_of_lists_is_refused(line: str) -> None:
    with pytest.raises(UnknownCategories, match="the line pandas_categorical is"):
        pandas_categories(f"tree\n\npandas_categorical:{line}\n")
