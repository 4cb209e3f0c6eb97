"""LightGBM models take a tensor for each feature, with categories as callers know them."""

from functools import cache
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.core.errors import BadBundle, InvalidInput
from hotshelf_server.core.types import Array, Response, Tensors
from hotshelf_server.runtimes import RuntimePolicy, load
from hotshelf_server.runtimes.booster import Booster
from hotshelf_server.runtimes.feature_columns import FeatureColumns
from hotshelf_server.runtimes.lightgbm import LightgbmServable
from hotshelf_server.runtimes.loading import signature_of
from hotshelf_store import Manifest, Signature, TensorSpec
from tests.fakes.tables import COLOURS, SIZES, datatypes, labels, sent, table, texts

CATEGORIES = {"colour": list(COLOURS), "size": [str(size) for size in SIZES]}


@cache
def trained(objective: str = "binary") -> lightgbm.Booster:
    parameters = {"objective": objective, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 3}
    target = labels() if objective == "multiclass" else labels() > 0
    if objective == "multiclass":
        parameters["num_class"] = 3
    group = [24] * 10 if objective == "lambdarank" else None
    return lightgbm.train(parameters, lightgbm.Dataset(table(), target, group=group), 5)


def inputs() -> list[TensorSpec]:
    return [
        TensorSpec(name=name, datatype=datatype, shape=[-1], categories=CATEGORIES.get(name, []))
        for name, datatype in datatypes(table()).items()
    ]


def served(
    folder: Path, specs: list[TensorSpec], booster: lightgbm.Booster, outputs: list[TensorSpec] | None = None
) -> LightgbmServable:
    booster.save_model(folder / "model.txt")
    given_outputs = outputs or [TensorSpec(name="prediction", datatype="FP64", shape=[-1])]
    manifest = Manifest(runtime="lightgbm", signature=Signature(inputs=specs, outputs=given_outputs))
    servable = load(folder, manifest, RuntimePolicy())
    assert isinstance(servable, LightgbmServable)
    return servable


def answered(servable: LightgbmServable, tensors: Tensors, name: str = "prediction") -> Array:
    answer = servable.predict(tensors, {})
    assert isinstance(answer, Response)
    return answer.outputs[name]


@pytest.mark.parametrize("objective", ["regression", "binary", "multiclass", "lambdarank"])
def test_every_output_of_named_columns_is_the_package_s_to_the_bit(tmp_path: Path, objective: str) -> None:
    booster = trained(objective)
    free = [-1, 3] if objective == "multiclass" else [-1]
    classes = 3 if objective == "multiclass" else 1
    outputs = [
        TensorSpec(name="prediction", datatype="FP64", shape=free),
        TensorSpec(name="raw_score", datatype="FP64", shape=free),
        TensorSpec(name="leaf_index", datatype="INT32", shape=[-1, 5 * classes]),
        TensorSpec(name="contributions", datatype="FP64", shape=[-1, 6 * classes]),
    ]
    unseen = table(50, seed=1)
    answer = served(tmp_path, inputs(), booster, outputs).predict(sent(unseen), {})
    options: dict[str, dict[str, bool]] = {
        "prediction": {},
        "raw_score": {"raw_score": True},
        "leaf_index": {"pred_leaf": True},
        "contributions": {"pred_contrib": True},
    }
    for name, option in options.items():
        expected = np.asarray(booster.predict(unseen, num_threads=1, **option))
        found = answer.outputs[name]
        assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


def test_only_the_outputs_of_the_signature_are_given(tmp_path: Path) -> None:
    leaves = [TensorSpec(name="leaf_index", datatype="INT32", shape=[-1, 5])]
    assert set(served(tmp_path, inputs(), trained(), leaves).predict(sent(table()), {}).outputs) == {"leaf_index"}


@given(words=st.lists(st.text() | st.sampled_from(COLOURS), min_size=1, max_size=8))
def test_an_unknown_category_counts_as_missing(words: list[str]) -> None:
    booster = trained()
    known = [word if word in COLOURS else None for word in words]
    frame = table(len(words)).assign(colour=pd.Categorical(known, categories=COLOURS))
    specs = signature_of(Manifest(signature=Signature(inputs=inputs()))).inputs
    rows = FeatureColumns(specs, booster.model_to_string())({**sent(table(len(words))), "colour": texts(words)})
    found = Booster(booster.model_to_string()).predict(rows)
    assert found.tobytes() == np.asarray(booster.predict(frame, num_threads=1)).tobytes()


def test_numbers_that_are_no_category_count_as_missing(tmp_path: Path) -> None:
    tensors = {**sent(table(4)), "size": np.array([38, 39, -1, 2**62])}
    frame = table(4).assign(size=pd.Categorical([38, None, None, None], categories=SIZES))
    expected = np.asarray(trained().predict(frame, num_threads=1))
    assert answered(served(tmp_path, inputs(), trained()), tensors).tobytes() == expected.tobytes()


@pytest.mark.parametrize("datatype", ["INT8", "UINT16", "FP16", "FP32", "FP64"])
def test_categories_are_numbers_of_the_input_s_datatype(tmp_path: Path, datatype: str) -> None:
    booster = lightgbm.train(
        {"objective": "regression", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 3},
        lightgbm.Dataset(table().assign(size=pd.Categorical(table()["size"], SIZES)), labels()),
        3,
    )
    specs = inputs()
    specs[3].datatype = datatype
    dtype = {"INT8": "i1", "UINT16": "u2", "FP16": "f2", "FP32": "f4", "FP64": "f8"}[datatype]
    tensors = {**sent(table()), "size": np.asarray(table()["size"]).astype(dtype)}
    expected = np.asarray(booster.predict(table(), num_threads=1))
    assert answered(served(tmp_path, specs, booster), tensors).tobytes() == expected.tobytes()


def test_an_optional_input_that_is_left_out_counts_as_missing(tmp_path: Path) -> None:
    specs = inputs()
    for spec in specs[:2]:
        spec.optional = True
    tensors = sent(table(6))
    del tensors["price"], tensors["colour"]
    frame = table(6).assign(price=np.nan, colour=pd.Categorical([None] * 6, categories=COLOURS))
    expected = np.asarray(trained().predict(frame, num_threads=1))
    assert answered(served(tmp_path, specs, trained()), tensors).tobytes() == expected.tobytes()


def test_columns_may_come_as_matrices_of_one_column_in_any_order(tmp_path: Path) -> None:
    specs = inputs()[::-1]
    for spec in specs:
        spec.shape.append(1)
    tensors = {name: tensor.reshape(-1, 1) for name, tensor in sent(table()).items()}
    expected = np.asarray(trained().predict(table(), num_threads=1))
    assert answered(served(tmp_path, specs, trained()), tensors).tobytes() == expected.tobytes()


def test_a_matrix_of_codes_is_still_taken(tmp_path: Path) -> None:
    matrix = table().assign(**{name: table()[name].cat.codes for name in CATEGORIES}).to_numpy(dtype=float)
    specs = [TensorSpec(name="input", datatype="FP64", shape=[-1, 5])]
    expected = np.asarray(trained().predict(table(), num_threads=1))
    assert answered(served(tmp_path, specs, trained()), {"input": matrix}).tobytes() == expected.tobytes()


def test_features_without_names_are_taken_in_the_signature_s_order(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 2))
    booster = lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(rows, rows[:, 0]), 2)
    specs = [TensorSpec(name=name, datatype="FP64", shape=[-1]) for name in ("width", "height")]
    found = answered(served(tmp_path, specs, booster), {"width": rows[:, 0], "height": rows[:, 1]})
    assert found.tobytes() == np.asarray(booster.predict(rows, num_threads=1)).tobytes()


def test_no_rows_are_answered_with_none(tmp_path: Path) -> None:
    tensors = {name: tensor[:0] for name, tensor in sent(table()).items()}
    assert answered(served(tmp_path, inputs(), trained()), tensors).shape == (0,)


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({**sent(table(3)), "price": np.zeros(2)}, r"different numbers of rows \(price 2, colour 3"),
        ({}, "no input is given; expected one or more of price, colour"),
    ],
)
def test_columns_that_make_no_rows_are_the_caller_s_mistake(tmp_path: Path, tensors: Tensors, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        served(tmp_path, inputs(), trained()).predict(tensors, {})


@pytest.mark.parametrize(
    ("place", "change", "words"),
    [
        (0, TensorSpec(name="cost"), "signature says inputs cost, colour.*one input for each of price, colour"),
        (0, TensorSpec(shape=[2]), r"input 'price' with shape \[-1, 2\], expected \[-1\] or \[-1, 1\]"),
        (0, TensorSpec(datatype="BYTES"), "input 'price' is BYTES, expected its categories"),
        (0, TensorSpec(datatype="BF16"), "input 'price' is BF16, expected numbers, or BYTES"),
        (1, TensorSpec(categories=["red"]), "input 'colour': expected each category once"),
        (3, TensorSpec(categories=["huge"]), "input 'size': category 'huge', expected a value of INT64"),
        (3, TensorSpec(categories=[str(2**63)]), "category '9223372036854775808', expected a value of INT64"),
        (0, TensorSpec(categories=["nan"]), "category 'nan', expected a value that equals itself"),
        (4, TensorSpec(categories=["maybe"]), "input 'member': category 'maybe', expected a value of BOOL"),
    ],
)
def test_inputs_that_are_not_the_model_s_features_are_refused(
    tmp_path: Path, place: int, change: TensorSpec, words: str
) -> None:
    specs = inputs()
    specs[place].MergeFrom(change)
    with pytest.raises(BadBundle, match=words):
        served(tmp_path, specs, trained())


def test_contributions_of_linear_trees_are_refused_at_load(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 2))
    parameters = {"verbose": -1, "num_threads": 1, "linear_tree": True}
    booster = lightgbm.train(parameters, lightgbm.Dataset(rows, rows[:, 0], params={"linear_tree": True}), 2)
    specs = [TensorSpec(name="input", datatype="FP64", shape=[-1, 2])]
    outputs = [TensorSpec(name="contributions", datatype="FP64", shape=[-1, 3])]
    with pytest.raises(BadBundle, match="output 'contributions', which the model can't give"):
        served(tmp_path, specs, booster, outputs)
