"""A category's code is its place in the signature; what is no category has none."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.types import TensorSpec
from hotshelf_server.runtimes.categories import MISSING, Categories
from tests.fakes.tables import texts

WORDS = st.text(st.characters(codec="utf-8"))


def categories(datatype: str, *known: str) -> Categories:
    return Categories(TensorSpec("x", datatype, (-1,), categories=known))


@given(known=st.lists(WORDS, unique=True, min_size=1), others=st.lists(WORDS))
def test_texts_get_their_places(known: list[str], others: list[str]) -> None:
    found = categories("BYTES", *known).encode(texts(known + others))
    expected = [known.index(word) if word in known else MISSING for word in known + others]
    assert found.tolist() == expected


@given(known=st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, min_size=1))
def test_whole_numbers_get_their_places_to_the_last_digit(known: list[int]) -> None:
    found = categories("INT64", *map(str, known)).encode(np.array(known))
    assert found.tolist() == list(range(len(known)))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@given(known=st.lists(st.floats(allow_nan=False, width=32), unique=True, min_size=1))
def test_fractions_get_their_places(dtype: str, known: list[float]) -> None:
    found = categories("FP32" if dtype == "f4" else "FP64", *map(repr, known)).encode(np.array(known, dtype=dtype))
    assert found.tolist() == list(range(len(known)))


def test_a_fraction_is_the_one_that_the_datatype_holds() -> None:
    assert categories("FP32", "0.1").encode(np.array([0.1], dtype="f4")).tolist() == [0]


def test_nan_is_never_a_category() -> None:
    assert categories("FP64", "1").encode(np.array([np.nan, 1.0])).tolist() == [MISSING, 0]


def test_truth_values_are_written_in_either_case() -> None:
    assert categories("BOOL", "True", "false").encode(np.array([False, True])).tolist() == [1, 0]


def test_bytes_that_are_no_text_are_no_category() -> None:
    assert categories("BYTES", "a").encode(np.array([b"\xff", b"a"], dtype=object)).tolist() == [MISSING, 0]


@pytest.mark.parametrize(
    ("datatype", "known"),
    [
        ("INT8", ("300",)),
        ("UINT8", ("-1",)),
        ("INT64", ("1.5",)),
        ("INT64", ("1", "01")),
        ("FP64", ("0.5", "0.50")),
        ("FP32", ("nan",)),
        ("BOOL", ("1",)),
        ("BYTES", ("a", "a")),
    ],
)
def test_categories_that_the_datatype_cannot_tell_are_refused(datatype: str, known: Any) -> None:
    with pytest.raises(BadBundle, match="input 'x': "):
        categories(datatype, *known)
