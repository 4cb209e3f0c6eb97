"""Estimators that were fitted on a DataFrame are served as they were fitted: by name, in the same types."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC

from hotshelf_server.core.errors import BadBundle, InvalidInput
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.types import Array, Response, Tensors
from hotshelf_server.core.types import Signature as CoreSignature
from hotshelf_server.core.types import TensorSpec as CoreSpec
from hotshelf_server.runtimes import RuntimePolicy, load
from hotshelf_server.runtimes.estimator_rows import reader
from hotshelf_store import Manifest, Signature, TensorSpec
from hotshelf_store.bundle import to_json
from tests.fakes.tables import COLOURS, SIZES, datatypes, labels, sent, table, texts

CATEGORIES = {"colour": list(COLOURS), "size": [str(size) for size in SIZES]}
NUMBERS = ["price", "visits"]


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The same table without pandas' categories: texts and numbers."""
    return frame.assign(colour=frame["colour"].astype(object), size=frame["size"].astype("int64"))


def by_name(handle_unknown: str = "ignore") -> ColumnTransformer:
    """Selects columns by name and by type."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    return ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include=["float"])),
            ("words", OneHotEncoder(handle_unknown=handle_unknown), ["colour", "size"]),
        ],
        remainder="passthrough",
    )


def named(frame: pd.DataFrame, categories: Mapping[str, list[str]] = {}) -> list[TensorSpec]:
    return [
        TensorSpec(name=name, datatype=datatype, shape=[-1], categories=categories.get(name, []))
        for name, datatype in datatypes(frame).items()
    ]


def bundle(folder: Path, estimator: Any, inputs: list[TensorSpec]) -> Manifest:
    skops.io.dump(estimator, folder / "model.skops")
    output = TensorSpec(name="predict_proba", datatype="FP64", shape=[-1, 3])
    return Manifest(format_version=1, runtime="sklearn", signature=Signature(inputs=inputs, outputs=[output]))


def served(folder: Path, estimator: Any, inputs: list[TensorSpec]) -> Servable:
    return load(folder, bundle(folder, estimator, inputs), RuntimePolicy())


def answered(servable: Servable, tensors: Tensors) -> Array:
    answer = servable.predict(tensors, {})
    assert isinstance(answer, Response)
    return answer.outputs["predict_proba"]


ESTIMATORS = {
    "column transformer": by_name(),
    "ordinal": ColumnTransformer([("o", OrdinalEncoder(), ["colour"])], remainder=SimpleImputer()),
    "pandas inside": ColumnTransformer(
        [("o", OneHotEncoder(sparse_output=False), ["colour"])], remainder=SimpleImputer()
    ).set_output(transform="pandas"),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_pipelines_over_columns_get_texts_and_numbers_by_name(tmp_path: Path, name: str) -> None:
    frame = plain(table())
    model = make_pipeline(ESTIMATORS[name], LogisticRegression(max_iter=5000)).fit(frame, labels())
    found = answered(served(tmp_path, model, named(frame)), sent(frame))
    np.testing.assert_array_equal(found, model.predict_proba(frame))


@pytest.mark.parametrize(
    "model",
    [
        HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=3),
        lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1),
        make_pipeline(by_name(), RandomForestClassifier(3, random_state=0)),
    ],
    ids=["gradient boosting", "lightgbm", "pipeline"],
)
def test_models_of_categories_get_categories(tmp_path: Path, model: Any) -> None:
    model.fit(table(), labels())
    unseen = table(40, seed=3)
    found = answered(served(tmp_path, model, named(table(), CATEGORIES)), sent(unseen))
    np.testing.assert_array_equal(found, model.predict_proba(unseen))


@given(words=st.lists(st.text() | st.sampled_from(COLOURS), min_size=1, max_size=6))
def test_an_unknown_category_counts_as_missing(words: list[str]) -> None:
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=2).fit(table(), labels())
    specs = tuple(
        CoreSpec(spec.name, spec.datatype, (-1,), categories=tuple(spec.categories))
        for spec in named(table(), CATEGORIES)
    )
    found = reader(model, CoreSignature(specs, ()))({**sent(table(len(words))), "colour": texts(words)})
    known = [word if word in COLOURS else None for word in words]
    expected = table(len(words)).assign(colour=pd.Categorical(known, categories=COLOURS))
    pd.testing.assert_frame_equal(found, expected)
    model.predict(found)


def test_a_column_has_the_type_of_its_datatype() -> None:
    frame = table().assign(rate=np.zeros(len(table()), "f4"), count=np.ones(len(table()), "u1"))
    model = make_pipeline(by_name(), SimpleImputer()).fit(plain(frame))
    specs = tuple(CoreSpec(name, datatype, (-1,)) for name, datatype in datatypes(plain(table())).items())
    more = (CoreSpec("rate", "FP32", (-1,)), CoreSpec("count", "UINT8", (-1, 1)))
    tensors = {**sent(plain(table())), "rate": np.zeros(len(table()), "f4"), "count": np.ones((len(table()), 1), "u1")}
    found = reader(model, CoreSignature(more + specs, ()))(tensors)
    pd.testing.assert_frame_equal(found, plain(frame))


def test_the_columns_of_a_matrix_get_the_estimator_s_names(tmp_path: Path) -> None:
    frame = table()[NUMBERS].astype(float)
    numbers = ColumnTransformer([("n", StandardScaler(), ["visits"])], remainder=SimpleImputer())
    model = make_pipeline(numbers, LogisticRegression()).fit(frame, labels())
    servable = served(tmp_path, model, [TensorSpec(name="input", datatype="FP64", shape=[-1, 2])])
    np.testing.assert_array_equal(answered(servable, {"input": frame.to_numpy()}), model.predict_proba(frame))


def test_a_matrix_of_texts_gets_names_too(tmp_path: Path) -> None:
    frame = plain(table())[["colour"]].assign(other=plain(table())["colour"])
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(frame, labels())
    servable = served(tmp_path, model, [TensorSpec(name="input", datatype="BYTES", shape=[-1, 2])])
    matrix = np.column_stack([sent(frame)["colour"]] * 2)
    np.testing.assert_array_equal(answered(servable, {"input": matrix}), model.predict_proba(frame))


@pytest.mark.parametrize("shape", [[-1], [-1, 1], None], ids=["columns", "thin matrices", "matrix"])
@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(3, random_state=0),
        GradientBoostingClassifier(n_estimators=3),
        HistGradientBoostingClassifier(max_iter=3),
        CalibratedClassifierCV(LogisticRegression()),
        VotingClassifier([("a", LogisticRegression()), ("b", SVC())], voting="hard"),
        GridSearchCV(LogisticRegression(), {"C": [1.0, 2.0]}),
    ],
    ids=lambda model: type(model).__name__,
)
def test_numbers_are_answered_alike_however_they_come(tmp_path: Path, model: Any, shape: list[int] | None) -> None:
    frame = table().dropna()[NUMBERS].astype(float).iloc[:, ::-1]
    model.fit(frame, labels()[table().dropna().index])
    method = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    expected = getattr(model, method)(frame)
    inputs = (
        [TensorSpec(name=name, datatype="FP64", shape=shape) for name in NUMBERS]
        if shape
        else [TensorSpec(name="input", datatype="FP64", shape=[-1, 2])]
    )
    manifest = bundle(tmp_path, model, inputs)
    if method == "predict":
        manifest.signature.outputs[0].CopyFrom(TensorSpec(name="predict", datatype="INT64", shape=[-1]))
    tensors = {name: tensor.reshape(-1, *(shape or [-1])[1:]) for name, tensor in sent(frame).items()}
    policy = RuntimePolicy(skops_types=tuple(skops.io.get_untrusted_types(file=tmp_path / "model.skops")))
    answer = load(tmp_path, manifest, policy).predict(tensors if shape else {"input": frame.to_numpy()}, {})
    assert isinstance(answer, Response)
    np.testing.assert_array_equal(answer.outputs[method], expected)


def test_columns_that_are_dropped_need_not_be_sent(tmp_path: Path) -> None:
    frame = plain(table())
    model = make_pipeline(
        ColumnTransformer([("o", OneHotEncoder(), ["colour"]), ("x", "drop", ["size"])]), LogisticRegression()
    ).fit(frame, labels())
    for columns in (["colour"], ["size", "colour"]):
        inputs = [spec for spec in named(frame) if spec.name in columns]
        tensors = {name: sent(frame)[name] for name in columns}
        found = answered(served(tmp_path, model, inputs), tensors)
        np.testing.assert_array_equal(found, model.predict_proba(frame))


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([("price", "FP64", [-1])], "says inputs price; .*one input for each of price, colour, visits, size, member"),
        ([("cost", "FP64", [-1])], "says inputs cost; the model takes one matrix"),
        ([("input", "FP64", [-1, 4])], "signature says 4 features, the model takes 5"),
        ([("price", "FP64", [-1, 2]), ("visits", "INT64", [-1])], r"input 'price' with shape \[-1, 2\], expected"),
        ([("price", "BF16", [-1])], "input 'price' is BF16"),
        ([], "says inputs none"),
    ],
)
def test_inputs_that_are_not_the_model_s_columns_are_refused(
    tmp_path: Path, inputs: list[tuple[str, str, list[int]]], words: str
) -> None:
    model = make_pipeline(by_name(), LogisticRegression(max_iter=5000)).fit(plain(table()), labels())
    specs = [TensorSpec(name=name, datatype=datatype, shape=shape) for name, datatype, shape in inputs]
    with pytest.raises(BadBundle, match=words):
        served(tmp_path, model, specs)


def test_categories_need_a_model_of_named_columns(tmp_path: Path) -> None:
    model = LogisticRegression().fit(table()[["visits"]].to_numpy(), labels())
    with pytest.raises(BadBundle, match="was not fitted on columns with names"):
        served(tmp_path, model, [TensorSpec(name="x", datatype="INT64", shape=[-1], categories=["1"])])


def test_a_text_that_the_encoder_refuses_is_the_caller_s_mistake(tmp_path: Path) -> None:
    frame = plain(table())
    model = make_pipeline(by_name("error"), LogisticRegression(max_iter=5000)).fit(frame, labels())
    with pytest.raises(InvalidInput, match=r"unknown categories .*violet"):
        answered(served(tmp_path, model, named(frame)), {**sent(plain(table(1))), "colour": texts(["violet"])})


WITHOUT_PANDAS = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")
sys.meta_path.insert(0, Absent())
from pathlib import Path
import numpy as np
from hotshelf_server.runtimes import BadBundle, RuntimePolicy, load
from hotshelf_store.bundle import manifest_from_json
folder = Path(sys.argv[1])
try:
    servable = load(folder, manifest_from_json((folder / "m.json").read_bytes(), "m"), RuntimePolicy())
    print(servable.predict({"visits": np.ones(1), "price": np.ones(1)}, {}).outputs["predict_proba"].shape)
except BadBundle as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("scaler", "said"),
    [
        (StandardScaler(), "(1, 3)"),
        (ColumnTransformer([("s", StandardScaler(), ["visits"])], remainder="passthrough"), "'hotshelf[dataframe]'"),
    ],
    ids=["not needed", "needed"],
)
def test_pandas_is_asked_for_where_names_are_needed_and_nowhere_else(tmp_path: Path, scaler: Any, said: str) -> None:
    frame = table()[NUMBERS].fillna(0.0).astype(float)
    model = make_pipeline(scaler, LogisticRegression()).fit(frame, labels())
    (tmp_path / "m.json").write_bytes(to_json(bundle(tmp_path, model, named(frame))))
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_PANDAS, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert said in run.stdout, run.stderr
