"""What is joined comes apart again exactly."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hotshelf_server.core.types import Array, Response
from hotshelf_server.execution.batches import NotByRow, key_of, merge, rows_of, split

ELEMENTS: Mapping[str, st.SearchStrategy[Any]] = {
    "f4": st.floats(width=32),
    "f8": st.floats(),
    "i8": st.integers(-(2**63), 2**63 - 1),
    "u1": st.integers(0, 255),
    "?": st.booleans(),
}


@st.composite
def tensors(draw: st.DrawFn, rows: int, dtype: str, trailing: tuple[int, ...]) -> Array:
    shape = (rows, *trailing)
    if dtype != "O":
        return draw(hnp.arrays(np.dtype(dtype), shape, elements=ELEMENTS[dtype]))
    count = int(np.prod(shape))
    array = np.empty(count, dtype=object)
    array[:] = draw(st.lists(st.binary(max_size=6), min_size=count, max_size=count))
    return array.reshape(shape)


@st.composite
def requests(draw: st.DrawFn) -> list[dict[str, Array]]:
    """Requests of one key: any names, datatypes, trailing shapes and numbers of rows."""
    names = draw(st.lists(st.text(max_size=4), min_size=1, max_size=3, unique=True))
    kinds = {
        name: (draw(st.sampled_from([*ELEMENTS, "O"])), draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3)))
        for name in names
    }
    rows = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    return [{name: draw(tensors(count, *kinds[name])) for name in names} for count in rows]


def equal(one: Array, other: Array) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@given(requests())
def test_what_is_split_is_what_was_merged(asked: list[dict[str, Array]]) -> None:
    assert len({key_of(one, {}) for one in asked}) == 1
    rows = [rows_of(one) or 0 for one in asked]
    parts = split(Response(merge(asked), {"p": 1}), rows)
    for request, part in zip(asked, parts, strict=True):
        assert part.parameters == {"p": 1}
        assert part.outputs.keys() == request.keys()
        for name, array in request.items():
            found = part.outputs[name]
            assert list(found.ravel()) == list(array.ravel()) if array.dtype == object else equal(found, array)


X = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("inputs", "parameters"),
    [
        ({"x": X.astype("f4")}, {}),
        ({"x": np.zeros((2, 4))}, {}),
        ({"x": np.zeros((2, 3, 1))}, {}),
        ({"y": X}, {}),
        ({"x": X, "y": X}, {}),
        ({"x": X}, {"p": 1}),
    ],
)
def test_requests_that_differ_in_more_than_rows_are_not_joined(inputs: dict[str, Array], parameters: Any) -> None:
    assert key_of(inputs, parameters) != key_of({"x": X}, {})
    assert key_of({"x": np.zeros((5, 3))}, {}) == key_of({"x": X}, {})


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0.0, -0.0), ("1", 1)])
def test_parameters_that_only_look_equal_to_python_are_not(one: Any, other: Any) -> None:
    assert key_of({"x": X}, {"p": one}) != key_of({"x": X}, {"p": other})


@pytest.mark.parametrize(
    ("inputs", "rows"),
    [
        ({"x": X}, 2),
        ({"x": X, "y": np.zeros(2)}, 2),
        ({"x": X, "y": np.zeros(3)}, None),
        ({"x": np.zeros((0, 3))}, None),
        ({"x": np.array(1.0)}, None),
        ({}, None),
    ],
)
def test_rows_are_those_that_all_inputs_have(inputs: dict[str, Array], rows: int | None) -> None:
    assert rows_of(inputs) == rows


@pytest.mark.parametrize("output", [np.zeros(2), np.zeros((4, 1)), np.array(1.0)])
def test_an_answer_of_other_rows_can_not_be_split(output: Array) -> None:
    with pytest.raises(NotByRow, match="for 3 rows"):
        split(Response({"y": output}), [1, 2])
