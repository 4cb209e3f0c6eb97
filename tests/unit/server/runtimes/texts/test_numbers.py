"""Lines of numbers are taken as LightGBM writes them, and otherwise not."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.runtimes.texts.numbers import REAL, WHOLE, check_reals, reals, whole
from hotshelf_server.runtimes.trees.errors import Broken

LINES = st.lists(st.lists(st.text("0123456789-+.einfa \r", max_size=6), max_size=4), min_size=1, max_size=4)
"""Words of what numbers are made of."""


def counted(lines: list[bytes]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([len(line.split(b" ")) if line else 0 for line in lines], np.int64)


@given(LINES)
def test_a_line_is_taken_where_each_of_its_words_is_a_number(said: list[list[str]]) -> None:
    lines = [" ".join(words).encode() for words in said]
    words = [word for line in lines if line for word in line.split(b" ")]
    for pattern, read in ((WHOLE, whole), (REAL, check_reals)):
        if all(re.fullmatch(pattern, word) for word in words):
            read("key", lines, counted(lines), 0)
        else:
            with pytest.raises(Broken, match=r"tree [0-3]: key holds b.*, expected .*numbers with single spaces"):
                read("key", lines, counted(lines), 0)


@given(st.lists(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=4), min_size=1, max_size=4))
def test_whole_numbers_are_read(said: list[list[int]]) -> None:
    lines = [" ".join(map(str, numbers)).encode() for numbers in said]
    assert whole("key", lines, counted(lines), 0).tolist() == [number for numbers in said for number in numbers]


@given(st.lists(st.lists(st.floats(), max_size=4), min_size=1, max_size=4))
def test_numbers_are_read(said: list[list[float]]) -> None:
    lines = [" ".join(map(repr, numbers)).encode() for numbers in said]
    expected = np.array([number for numbers in said for number in numbers], np.float64)
    np.testing.assert_array_equal(reals("key", lines, counted(lines), 0), expected)


@pytest.mark.parametrize("number", [2**31, -(2**31), 2**63, -(2**63), -(2**63) - 1, 10**30, -(10**30)])
def test_a_number_that_lightgbm_would_wrap_around_is_refused(number: int) -> None:
    with pytest.raises(Broken, match=r"tree 7: key holds -?\d+, expected -2147483647 to 2147483647"):
        whole("key", [b"1 2", b"", b"3 %d" % number], np.array([2, 0, 2]), 5)


@pytest.mark.parametrize("read", [whole, check_reals, reals])
def test_another_count_is_refused_with_the_tree_s_number(read: type[object]) -> None:
    with pytest.raises(Broken, match="tree 6: key has 1 numbers, expected 2"):
        read("key", [b"1 2", b"3"], np.array([2, 2]), 5)  # type: ignore[call-arg]  # mypy takes the functions for types
