"""Leaks and drift."""

import numpy as np
import polars as pl
import pytest

from hotshelf_store.profile import Profile
from hotshelf_trainer.diagnosis.drift import drift, profile_of
from hotshelf_trainer.diagnosis.leakage import leaks, table_findings
from hotshelf_trainer.errors import DataError


def frame(rows: int = 1_000, seed: int = 0, shift: float = 0.0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "size": rng.normal(shift, 1, rows),
            "kind": rng.choice(["a", "b", "c"], rows, p=[0.6 - shift / 5, 0.3, 0.1 + shift / 5]),
            "flag": rng.random(rows) < 0.5,
        }
    )


def test_what_is_wrong_with_a_table_is_named_by_column() -> None:
    table = pl.DataFrame(
        {
            "id": [1, 1, 2],
            "empty": pl.Series([None, None, None], dtype=pl.Float64),
            "endless": [1.0, float("inf"), 2.0],
            "same": ["x", "x", "x"],
            "target": [1, 1, 1],
        }
    )
    found = {(one.column, one.problem): one.severity for one in table_findings(table, "target", ("id",))}
    assert found == {
        ("empty", "all_missing"): "warning",
        ("endless", "infinite"): "error",
        ("same", "constant"): "warning",
        ("target", "constant"): "error",
        ("id", "duplicate_id"): "error",
    }


def test_a_clean_table_has_no_findings_and_a_row_without_target_is_one() -> None:
    assert table_findings(frame(), "size") == ()
    holes = frame().with_columns(pl.when(pl.col("size") > 1).then(None).otherwise("size").alias("size"))
    assert [one.problem for one in table_findings(holes, "size")] == ["missing_target"]


@pytest.mark.parametrize("kind", ["class", "number"])
def test_a_column_that_foretells_the_target_alone_is_named_and_others_are_not(kind: str) -> None:
    table = frame()
    worth = table["size"].to_numpy() * 0.5 + np.random.default_rng(1).normal(size=1_000)
    target = (worth > 0).astype(int) if kind == "class" else worth
    table = table.with_columns(pl.Series("target", target), pl.Series("later", 10 * target + 3))
    found = leaks(table, "target", "class" if kind == "class" else "number")
    assert [one.column for one in found] == ["later"]
    assert "is it known before" in found[0].message


def test_a_category_can_leak_and_a_target_without_variety_cannot_be_leaked() -> None:
    table = frame().with_columns(pl.col("kind").alias("copy"))
    assert [one.column for one in leaks(table, "kind", "class")] == ["copy"]
    constant = table.with_columns(pl.lit(1.0).alias("target"))
    assert leaks(constant, "target", "number") == ()
    assert leaks(constant, "target", "class") == ()


def test_too_few_rows_show_no_leaks() -> None:
    with pytest.raises(DataError, match="expected 50 or more"):
        leaks(frame(20), "kind", "class")


def test_the_same_law_has_hardly_drifted() -> None:
    profile = Profile.from_json(profile_of(frame()).to_json())
    assert profile == profile_of(frame())
    found = drift(profile, frame(seed=1))
    assert {one.level for one in found} == {"little"}
    assert next(one.ks_p for one in found if one.column == "size") > 0.01  # type: ignore[operator]  # a number has one


def test_a_moved_law_has_drifted_in_numbers_and_categories() -> None:
    found = {one.column: one for one in drift(profile_of(frame()), frame(seed=1, shift=1.5))}
    assert found["size"].level == found["kind"].level == "much"
    assert found["size"].ks_p is not None
    assert found["size"].ks_p < 1e-6
    assert found["flag"].level == "little"


def test_the_index_of_two_known_histograms_is_that_of_the_formula() -> None:
    before = pl.DataFrame({"kind": ["a"] * 50 + ["b"] * 50})
    after = pl.DataFrame({"kind": ["a"] * 80 + ["b"] * 20})
    expected = 0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5)
    assert drift(profile_of(before), after)[0].psi == pytest.approx(expected)


def test_values_that_go_missing_or_were_never_seen_are_drift() -> None:
    profile = profile_of(frame())
    gone = frame(seed=1).with_columns(pl.lit(None, dtype=pl.Float64).alias("size"), pl.lit("new").alias("kind"))
    found = {one.column: one for one in drift(profile, gone)}
    assert found["size"].level == found["kind"].level == "much"
    assert found["size"].ks is None


def test_times_and_lists_have_no_profile_and_lists_are_not_searched_for_leaks() -> None:
    table = frame(100).with_columns(
        pl.Series("made", np.arange(100)).cast(pl.Datetime),
        pl.Series("tags", [[1]] * 100),
        pl.col("kind").cast(pl.Categorical),
    )
    assert set(profile_of(table).columns) == {"size", "kind", "flag"}
    assert leaks(table, "size", "number") == ()


def test_what_cannot_be_compared_is_refused() -> None:
    profile = profile_of(frame())
    with pytest.raises(DataError, match=r"without \['kind'\]"):
        drift(profile, frame().drop("kind"))
    with pytest.raises(DataError, match="expected numbers"):
        drift(profile, frame().with_columns(pl.lit("x").alias("size")))
    with pytest.raises(DataError, match="no row"):
        profile_of(frame().clear())
