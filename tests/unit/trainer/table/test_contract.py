"""All that is wrong with rows is found at once, and the rows are kept aside."""

import polars as pl
import pytest

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.table.contract import check
from hotshelf_trainer.table.roles import Roles

ROLES = Roles(numeric=("a", "b"), categorical=("c",), target="y", id="id", time="t")


def rows() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "id": [1, 2, 3, 4, 4, 6],
            "a": [1.0, float("inf"), None, 4.0, 5.0, 6.0],
            "b": [1, 2, 3, 4, 5, 6],
            "c": ["x", None, "x", "y", "y", "x"],
            "y": [1.0, 2.0, None, 4.0, 5.0, 6.0],
            "t": [1, 2, 3, 4, 5, 6],
        }
    )


def test_rows_that_keep_the_contract_pass_as_they_are() -> None:
    good = rows().filter(pl.col("id").is_in([1, 6]))
    checked = check(good, ROLES, max_bad_share=0)
    assert checked.kept.equals(good)
    assert not checked.violations
    assert checked.aside.is_empty()


def test_every_violation_is_told_and_its_rows_are_set_aside_by_number() -> None:
    checked = check(rows(), ROLES, max_bad_share=1)
    assert checked.kept["id"].to_list() == [1, 6]
    assert checked.aside["row"].to_list() == [2, 3, 4, 5]
    told = {(one.column, one.check): one.rows for one in checked.violations}
    assert told == {("a", "is not finite"): 1, ("y", "is missing"): 1, ("id", "is there twice"): 2}


def test_too_many_bad_rows_are_refused_with_all_violations() -> None:
    with pytest.raises(DataError, match=r"4 of 6 rows break the contract, expected at most 10\.0%") as refused:
        check(rows(), ROLES, max_bad_share=0.1)
    for words in ("a: is not finite", "y: is missing", "id: is there twice"):
        assert words in str(refused.value)


def test_a_column_that_is_missing_in_all_rows_is_named() -> None:
    with pytest.raises(DataError, match="column 'c' is missing in all rows"):
        check(rows().with_columns(c=pl.lit(None, pl.String)), ROLES, max_bad_share=1)
