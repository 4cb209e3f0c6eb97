"""A request is held to the signature, and every error names the tensor, what was expected and what was found."""

import numpy as np
import pytest

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import Signature, TensorSpec
from hotshelf_server.core.validation import NamedTensor, check_inputs, check_outputs

SIGNATURE = Signature(
    (TensorSpec("x", "FP32", (-1, 2)), TensorSpec("note", "BYTES", (-1,), optional=True)),
    (TensorSpec("y", "FP64", (-1,)), TensorSpec("z", "FP64", (-1,))),
)
GOOD = NamedTensor("x", "FP32", np.zeros((3, 2), dtype="f4"))


def test_inputs_that_fit_are_given_by_name() -> None:
    assert check_inputs(SIGNATURE, [GOOD]) == {"x": GOOD.array}


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ([], "input 'x' is missing; expected x, note"),
        ([GOOD, GOOD], "input 'x' is given twice"),
        ([NamedTensor("w", "FP32", GOOD.array)], "unknown input 'w'; expected x, note"),
        ([NamedTensor("x", "FP64", GOOD.array)], "'x': datatype FP64, expected FP32"),
        ([NamedTensor("x", "", GOOD.array)], "'x': datatype none, expected FP32"),
        ([NamedTensor("x", "FP32", np.zeros((3, 4), "f4"))], r"'x': shape \[3, 4\], expected \[-1, 2\]"),
        ([NamedTensor("x", "FP32", np.zeros(3, "f4"))], r"'x': shape \[3\], expected \[-1, 2\]"),
    ],
)
def test_inputs_that_do_not_are_named(tensors: list[NamedTensor], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        check_inputs(SIGNATURE, tensors)


def test_no_wanted_outputs_means_all() -> None:
    assert [spec.name for spec in check_outputs(SIGNATURE, [])] == ["y", "z"]


def test_wanted_outputs_keep_the_order_of_the_request() -> None:
    assert [spec.name for spec in check_outputs(SIGNATURE, ["z", "y"])] == ["z", "y"]


@pytest.mark.parametrize(
    ("wanted", "words"), [(["w"], "unknown output 'w'; expected y, z"), (["y", "y"], "'y' is asked for twice")]
)
def test_outputs_that_cannot_be_given_are_named(wanted: list[str], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        check_outputs(SIGNATURE, wanted)
