"""Tensors as people type them become arrays of the model's datatypes, or are refused by name."""

import json
from pathlib import Path

import numpy as np
import pytest

from hotshelf_client.answers import ModelMetadata, TensorSpec
from hotshelf_client.arguments import BadArgument, parameters, tensors

SIGNATURE = ModelMetadata(
    name="m",
    versions=(1,),
    platform="hotshelf_fake",
    inputs=(
        TensorSpec("x", "FP32", (-1, 2)),
        TensorSpec("word", "BYTES", (-1,)),
        TensorSpec("count", "UINT8", (-1,)),
        TensorSpec("flag", "BOOL", (-1,)),
        TensorSpec("brain", "BF16", (-1,)),
    ),
    outputs=(),
)


def test_json_takes_the_datatype_of_the_input() -> None:
    found = tensors(["x=[[1, 2.5]]", 'word=["a=b", "ü"]', "count=[255]", "flag=[true]"], SIGNATURE)
    assert found["x"].dtype == np.float32
    assert found["x"].tolist() == [[1, 2.5]]
    assert found["word"].tolist() == ["a=b", "ü"]
    assert found["count"].dtype == np.uint8
    assert found["flag"].dtype == np.bool_


@pytest.mark.parametrize("text", ["[null, 1]", '["NaN", 1]', "[NaN, 1]"])
def test_missing_numbers_are_nan(text: str) -> None:
    assert np.isnan(tensors([f"x={text}"], SIGNATURE)["x"][0])


@pytest.mark.parametrize("text", ["[]", "[[]]"])
def test_empty_lists_are_empty_arrays(text: str) -> None:
    found = tensors([f"count={text}"], SIGNATURE)["count"]
    assert found.dtype == np.uint8
    assert found.size == 0


def test_npy_file_brings_its_own_datatype(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((1, 2)))
    assert tensors([f"x=@{tmp_path}/x.npy"], SIGNATURE)["x"].dtype == np.float64


def test_json_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps([[3, 4]]))
    assert tensors([f"x=@{tmp_path}/x.json"], SIGNATURE)["x"].tolist() == [[3, 4]]


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([{}], dtype=object))
    with pytest.raises(BadArgument, match="can't read"):
        tensors([f"x=@{tmp_path}/x.npy"], SIGNATURE)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("x", "expected NAME=VALUE, found 'x'"),
        ("=1", "expected NAME=VALUE"),
        ("z=1", r"m has no input 'z'; it takes x: FP32 \[-1, 2\], word: BYTES"),
        ("x=[1,", r"input 'x': expected x: FP32 \[-1, 2\] as JSON"),
        ("x=[[1, 2], [3]]", "input 'x': expected x: FP32"),
        ('x=["a"]', "could not convert string to float"),
        ("count=[1.5]", r"found \[1.5\]"),
        ("count=[300]", "300"),
        ("count=[-1]", "-1"),
        ("flag=[1]", r"found \[1\]"),
        ("word=[1]", "expected texts, found 1"),
        ("brain=[1]", "BF16 can't be written as JSON"),
        ("x=@/nowhere/x.npy", "can't read /nowhere/x.npy"),
    ],
)
def test_bad_argument_says_what_was_expected(argument: str, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        tensors([argument], SIGNATURE)


def test_input_given_twice_is_refused() -> None:
    with pytest.raises(BadArgument, match="'x' is given twice"):
        tensors(["x=[[1, 2]]", "x=[[1, 2]]"], SIGNATURE)


def test_parameters_are_json_or_text() -> None:
    found = parameters(["k=3", "live=true", "rate=0.5", 'name="3"', "policy=new_only", "list=[1]"])
    assert found == {"k": 3, "live": True, "rate": 0.5, "name": "3", "policy": "new_only", "list": "[1]"}
