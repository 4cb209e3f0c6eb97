"""An engine's answers are equal to the library's, or within the tolerance, or it doesn't compute."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.runtimes.engines.agreement import Agreement, difference, same

NAN, INFINITY = math.nan, math.inf


@pytest.mark.parametrize(
    ("found", "expected", "far"),
    [
        ([1.0, 2.5], [1.0, 2.0], 0.25),
        ([0.25, -1.0], [0.5, -1.0], 0.25),
        ([NAN, INFINITY, -INFINITY], [NAN, INFINITY, -INFINITY], 0.0),
        ([-0.0], [0.0], 0.0),
        ([NAN], [0.0], INFINITY),
        ([0.0], [NAN], INFINITY),
        ([INFINITY], [-INFINITY], INFINITY),
        ([1e308], [INFINITY], INFINITY),
        ([INFINITY], [1e308], INFINITY),
        ([], [], 0.0),
    ],
)
def test_a_difference_is_relative_where_numbers_exceed_one(
    found: list[float], expected: list[float], far: float
) -> None:
    assert difference(np.array(found), np.array(expected)) == far


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (np.ones(2), np.ones(3)),
        (np.ones(2), np.ones((2, 1))),
        (np.ones(2, "f4"), np.ones(2)),
        (np.array([1, 2]), np.array([1, 3])),
        (np.array([b"a"], dtype=object), np.array([b"b"], dtype=object)),
    ],
)
def test_what_is_no_floating_number_or_of_another_form_is_equal_or_far_away(
    found: np.ndarray, expected: np.ndarray
) -> None:
    assert difference(found, expected) == INFINITY
    assert difference(found, found) == difference(expected, expected) == 0.0


floats = st.floats(width=64)


@given(st.lists(floats, min_size=1, max_size=5), st.data())
def test_a_difference_is_what_the_formula_says(expected: list[float], data: st.DataObject) -> None:
    found = data.draw(st.lists(floats, min_size=len(expected), max_size=len(expected)))
    far = 0.0
    for a, b in zip(found, expected, strict=True):
        if a == b or (math.isnan(a) and math.isnan(b)):
            continue
        finite = math.isfinite(a) and math.isfinite(b)
        far = max(far, abs(a - b) / max(1.0, abs(b)) if finite else INFINITY)
    assert difference(np.array(found), np.array(expected)) == far


def test_texts_and_signed_zeros_are_told_apart() -> None:
    assert same(np.array([b"a", "b"], dtype=object), np.array([b"a", "b"], dtype=object))
    assert not same(np.array([b"a"], dtype=object), np.array(["a"], dtype=object))
    assert not same(np.array([0.0]), np.array([-0.0]))


@pytest.mark.parametrize(("tolerance", "holds"), [(None, False), (0.0, False), (1e-300, True)])
def test_without_a_tolerance_even_signed_zeros_must_agree(tolerance: float | None, holds: bool) -> None:
    agreement = Agreement(tolerance)
    agreement.compare({"y": np.array([0.0])}, {"y": np.array([0.0])})
    assert agreement.exact
    agreement.compare({"y": np.array([0.0, -0.0])}, {"y": np.array([0.0, 0.0])})
    assert (agreement.exact, agreement.difference, agreement.holds) == (False, 0.0, holds)


def test_the_largest_difference_of_all_batches_and_outputs_counts() -> None:
    agreement = Agreement(0.1)
    for far in (0.02, 0.05, 0.01):
        agreement.compare({"y": np.ones(1), "z": np.array([1 + far])}, {"y": np.ones(1), "z": np.ones(1)})
        agreement._before = {}  # each a row of its own
    assert agreement.difference == pytest.approx(0.05)


def test_an_inexact_engine_answers_for_a_row_as_it_did_in_the_batch_before() -> None:
    agreement = Agreement(0.1)
    agreement.compare({"y": np.array([1.01])}, {"y": np.array([1.0])})
    agreement.compare({"y": np.array([1.01, 2.0])}, {"y": np.array([1.0, 2.0])})
    assert agreement.holds
    agreement.compare({"y": np.array([1.01, 2.01])}, {"y": np.array([1.0, 2.0])})
    assert not agreement.holds


def test_an_answer_of_other_outputs_is_none() -> None:
    agreement = Agreement(0.1)
    agreement.compare({"y": np.ones(1)}, {"z": np.ones(1)})
    assert not agreement.holds
