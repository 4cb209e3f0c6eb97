"""The highest elements of an output as texts."""

from typing import Any

import numpy as np
import pytest

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import TensorSpec
from hotshelf_server.services.classification import classify, count_of


def spec(datatype: str = "FP32") -> TensorSpec:
    return TensorSpec("y", datatype, (-1, -1))


@pytest.mark.parametrize(
    ("array", "count", "texts"),
    [
        ([0.5, 2.0, 1.0], 2, [b"2.000000:1", b"1.000000:2"]),
        ([[0.5, 2.0], [3.0, 1.0]], 1, [[b"2.000000:1"], [b"3.000000:0"]]),
        ([1.0, 1.0], 5, [b"1.000000:0", b"1.000000:1"]),
        ([np.nan, -np.inf, 0.0], 3, [b"0.000000:2", b"-inf:1", b"nan:0"]),
        (np.zeros((0, 3)), 2, np.empty((0, 2)).tolist()),
    ],
)
def test_the_highest_come_first(array: Any, count: int, texts: Any) -> None:
    said, answer = classify(spec(), np.array(array, dtype="f4"), count)
    assert (said.name, said.datatype, said.shape) == ("y", "BYTES", answer.shape)
    assert answer.tolist() == texts


def test_labels_go_with_their_elements() -> None:
    _, answer = classify(spec("INT64"), np.array([1, 3, 2]), 3, ("ham", "spam"))
    assert answer.tolist() == [b"3:1:spam", b"2:2", b"1:0:ham"]


def test_whole_numbers_of_any_size_keep_their_order() -> None:
    top = 2**64 - 1
    _, answer = classify(spec("UINT64"), np.array([0, top - 1, top], dtype="u8"), 2)
    assert answer.tolist() == [f"{top}:2".encode(), f"{top - 1}:1".encode()]
    least = -(2**63)
    _, answer = classify(spec("INT64"), np.array([least, least + 1], dtype="i8"), 1)
    assert answer.tolist() == [f"{least + 1}:1".encode()]


@pytest.mark.parametrize(
    ("datatype", "array"),
    [("BYTES", np.array([b"a"], dtype=object)), ("BOOL", np.array([True])), ("FP32", np.zeros((1, 1, 1))), ("FP32", 1)],
)
def test_what_has_no_highest_elements_is_refused(datatype: str, array: Any) -> None:
    with pytest.raises(InvalidInput, match="classification needs numbers in one or two dimensions"):
        classify(spec(datatype), np.asarray(array), 1)


@pytest.mark.parametrize("value", [-1, True, 1.5, "2"])
def test_only_a_whole_number_of_elements_can_be_asked_for(value: Any) -> None:
    with pytest.raises(InvalidInput, match="output 'y': parameter 'classification'"):
        count_of("y", {"classification": value})
    assert (count_of("y", {"classification": 3}), count_of("y", {})) == (3, 0)
