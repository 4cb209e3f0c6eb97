"""A feature that knows the future is found by name, whatever the query does to hide it."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes import TabularRecipe, parse
from hotshelf_trainer.table.leak_test import leak_test
from hotshelf_trainer.table.reading import read_table
from hotshelf_trainer.table.roles import roles_of
from hotshelf_trainer.verdict import Check

CUT = date(2020, 1, 20)
HONEST = "count(*) FILTER (happened < cut) AS before"
LEAKS = "count(*) AS ever"


def found(folder: Path, features: str, **said: Any) -> Check:
    events = pl.DataFrame(
        {"who": [n % 5 for n in range(90)], "happened": [date(2020, 1, 1 + n // 3) for n in range(90)]}
    )
    events.write_parquet(folder / "events.parquet")
    sql = (
        "WITH cuts AS (SELECT DATE '2020-01-01' + INTERVAL (4 * n) DAY AS cut FROM range(1, 8) t(n)) "  # noqa: S608 - ours
        f"SELECT who, CAST(cut AS DATE) AS cut, {features}, count(*) FILTER (happened >= cut) AS later "
        "FROM events, cuts GROUP BY who, cut"
    )
    content: dict[str, Any] = {
        "name": "x",
        "task": "regression",
        "target": "later",
        "time": "cut",
        "group": "who",
        "data": {"sql": sql, "tables": {"events": folder / "events.parquet"}, "times": {"events": "happened"}},
    }
    recipe = parse(content | said, "test")
    assert isinstance(recipe, TabularRecipe)
    table = read_table(recipe.data)
    return leak_test(table, recipe.data, roles_of(table, recipe), CUT)


def test_features_of_the_past_pass_though_the_target_is_of_the_future(tmp_path: Path) -> None:
    check = found(tmp_path, HONEST)
    assert check.passed
    assert "the features of 20 rows are the same" in check.reason


def test_a_feature_of_the_future_is_named(tmp_path: Path) -> None:
    check = found(tmp_path, f"{HONEST}, {LEAKS}")
    assert not check.passed
    assert check.reason.startswith("ever changed when all that happened since 2020-01-20 is removed")


def test_rows_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="name a column as id that does"):
        found(tmp_path, HONEST, group=None)
