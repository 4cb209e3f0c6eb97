"""A budget is kept for what was measured; a count far over it fails, one far under it says so."""

import warnings
from pathlib import Path

import pytest

from tests.budgets.table import Exceeded, Measure, Slack, Uncounted, check, read, renewed, write

ONE = Measure("python 3.11", "opcodes of a call", lambda: 0)
OTHER = Measure("gcc 12, x86_64", "instructions a row", lambda: 0)
TABLE = {"python 3.11": {"opcodes of a call": 1000}}


@pytest.mark.parametrize("count", [900, 1000, 1100])
def test_what_is_near_its_budget_passes_in_silence(count: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(TABLE, ONE, count)


def test_what_exceeds_its_budget_fails_and_says_by_how_much() -> None:
    with pytest.raises(Exceeded, match=r"opcodes of a call: 1,101, \+10.1% of the budget of 1,000; .*make budgets"):
        check(TABLE, ONE, 1101)


def test_what_is_far_below_its_budget_asks_to_lower_it() -> None:
    with pytest.warns(Slack, match=r"899, -10.1% of the budget of 1,000: lower it, `make budgets`"):
        check(TABLE, ONE, 899)


def test_what_is_new_needs_a_budget() -> None:
    with pytest.raises(Exceeded, match=r"something else: 3, and no budget is kept for python 3\.11"):
        check(TABLE, Measure("python 3.11", "something else", lambda: 0), 3)


def test_another_environment_has_no_budgets() -> None:
    with pytest.raises(Uncounted, match=r"no budgets are kept for gcc 12, x86_64, only for python 3\.11"):
        check(TABLE, OTHER, 1)


def test_what_was_measured_replaces_its_environment_alone(tmp_path: Path) -> None:
    found = renewed({**TABLE, "python 3.12": {"opcodes of a call": 7}}, {OTHER: 5, ONE: 6})
    assert found == {
        "gcc 12, x86_64": {"instructions a row": 5},
        "python 3.11": {"opcodes of a call": 6},
        "python 3.12": {"opcodes of a call": 7},
    }
    write(found, tmp_path / "budgets.json")
    assert read(tmp_path / "budgets.json") == found
