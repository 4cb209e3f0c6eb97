"""What models tell of their columns, and what is left for a signature file to say."""

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from hotshelf_store import TensorSpec
from hotshelf_trainer.foreign.columns import Column, complete, of_booster, of_estimator
from hotshelf_trainer.foreign.errors import Unpublishable
from tests.fakes.tables import COLOURS, SIZES, labels, table

FRAME = table().assign(colour=table()["colour"].astype(object), size=table()["size"].astype("int64"))


def test_encoders_know_the_values_of_their_columns() -> None:
    behind = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    transformer = ColumnTransformer(
        [("n", StandardScaler(), ["price"]), ("c", behind, ["colour"]), ("s", OrdinalEncoder(), ["size", "member"])]
    )
    assert of_estimator(make_pipeline(transformer).fit(FRAME)) == [
        Column("price"),
        Column("colour", "BYTES", COLOURS),
        Column("size", "INT64", SIZES),
        Column("member", "BOOL", (False, True)),
    ]


def test_an_encoder_alone_knows_them_too() -> None:
    assert of_estimator(OneHotEncoder().fit(FRAME[["colour"]])) == [Column("colour", "BYTES", COLOURS)]


def test_a_missing_value_is_no_value() -> None:
    frame = pd.DataFrame({"a": ["x", None, "y"], "b": [1.0, np.nan, 2.0]}, dtype=object).astype({"b": float})
    assert of_estimator(OneHotEncoder().fit(frame)) == [Column("a", "BYTES", ("x", "y")), Column("b", "FP64", (1, 2))]


def test_gradient_boosting_knows_its_categories() -> None:
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=1).fit(table(), labels())
    known = {column.name: column for column in of_estimator(model)}
    assert known["colour"] == Column("colour", "BYTES", COLOURS)
    assert known["visits"] == Column("visits")


def test_lightgbm_s_estimators_take_categories_by_the_names_of_the_table() -> None:
    frame = table().rename(columns={"colour": "colour of shelf"})
    model = lightgbm.LGBMClassifier(n_estimators=1, verbose=-1, n_jobs=1)
    columns = of_estimator(model.fit(frame, labels()))
    names = list(model.feature_names_in_)
    assert [column.name for column in columns] == names
    assert columns[1] == Column(names[1], "BYTES", COLOURS, categorical=True)
    assert list(columns[1].spec().categories) == list(COLOURS)
    assert list(columns[3].spec().categories) == ["38", "40", "46"]


@pytest.mark.parametrize(
    "model",
    [LogisticRegression(max_iter=5000), lightgbm.LGBMClassifier(n_estimators=1, verbose=-1, n_jobs=1)],
    ids=["scikit-learn", "lightgbm"],
)
def test_a_model_of_a_matrix_has_no_columns(model: Any) -> None:
    assert of_estimator(model.fit(table()[["visits"]].to_numpy(), labels())) == []


def trained(frame: pd.DataFrame) -> str:
    parameters = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 3}
    return lightgbm.train(parameters, lightgbm.Dataset(frame, labels()), 1).model_to_string()


def test_truth_values_and_fractions_are_written_as_a_signature_has_them() -> None:
    halves = [visits / 2 for visits in range(9)]
    frame = table().assign(
        colour=pd.Categorical(table()["member"]), size=pd.Categorical(table()["visits"] * 0.5, halves)
    )
    columns = of_booster(trained(frame))
    assert (columns[1].datatype, list(columns[1].spec().categories)) == ("BOOL", ["false", "true"])
    assert (columns[3].datatype, list(columns[3].spec().categories)) == ("FP64", [str(half) for half in halves])


def test_categories_of_several_types_are_for_a_signature_file() -> None:
    frame = table().assign(colour=pd.Categorical(table()["colour"].cat.rename_categories([1, "x", "y"])))
    with pytest.raises(Unpublishable, match=r"column 'colour' has categories of several types \(int, str\)"):
        of_booster(trained(frame))


def test_categories_that_may_be_anybody_s_are_for_a_signature_file() -> None:
    frame = table().assign(size=pd.Categorical(table()["size"], SIZES, ordered=True))
    with pytest.raises(Unpublishable, match=r"can't tell which ones they are; say .* with --signature FILE"):
        of_booster(trained(frame))


def test_a_signature_is_completed_where_it_fits_and_says_nothing() -> None:
    columns = [
        Column("a", "BYTES", ("x", "y"), categorical=True),
        Column("b", "BYTES", ("x",), categorical=True),
        Column("c", "BYTES", ("x",), categorical=True),
        Column("d", "INT64", (1,), categorical=True),
        Column("e", "BYTES", ("x",)),
    ]
    specs = [
        TensorSpec(name="a", datatype="BYTES"),
        TensorSpec(name="b", datatype="BYTES", categories=["z"]),
        TensorSpec(name="c", datatype="INT64"),
        TensorSpec(name="d", datatype="FP32"),
        TensorSpec(name="e", datatype="BYTES"),
    ]
    complete(specs, columns)
    assert [list(spec.categories) for spec in specs] == [["x", "y"], ["z"], [], ["1"], []]
