"""What is done for several workers to fit a model: which rows they read, and what a sample fixes."""

import functools
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotshelf_trainer.errors import DataError, RecipeError
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.recipes.source import Source
from hotshelf_trainer.table.reading import Share, overview_of, read_table
from hotshelf_trainer.table.roles import roles_of
from hotshelf_trainer.tabular.distributed import Shares, trees_of
from hotshelf_trainer.tabular.examples import Examples, examples_of
from hotshelf_trainer.tabular.settings import Settings
from hotshelf_trainer.tabular.splits import split
from tests.unit.trainer.tabular.tables import recipe_of, table


@functools.cache
def source() -> Source:
    """400 rows in a file."""
    path = Path(tempfile.mkdtemp(prefix="hotshelf-test-")) / "table.parquet"
    table().write_parquet(path)
    return Source(path=path)


def made(task: str, rows: int = 400) -> tuple[Examples, TabularRecipe]:
    recipe = recipe_of(task, threads=1)
    made_up = table(rows)
    return examples_of(made_up, roles_of(made_up, recipe), recipe), recipe


@given(parts=st.integers(1, 9), by=st.sampled_from((None, "customer")))
@settings(max_examples=12)
def test_every_row_is_in_one_share_and_a_group_stays_whole(parts: int, by: str | None) -> None:
    shares = []
    for part in range(parts):
        try:
            shares.append(read_table(source(), share=Share(part, parts, by)))
        except DataError as error:
            assert "no rows" in str(error)  # noqa: PT017 - a share may be empty, and nothing else
    assert sorted(pl.concat(shares)["id"]) == list(range(400))
    if by is not None:
        owners = [set(share["customer"]) for share in shares]
        assert sum(map(len, owners)) == len(set().union(*owners))


def test_an_overview_tells_of_all_rows_in_whatever_order(tmp_path: Path) -> None:
    rows = table()
    found = overview_of(source(), "day")
    assert found.rows == 400
    assert (found.first, found.last) == (rows["day"].min(), rows["day"].max())
    rows.sample(fraction=1, shuffle=True, seed=1).write_parquet(tmp_path / "shuffled.parquet")
    assert overview_of(Source(path=tmp_path / "shuffled.parquet"), "day") == found
    rows.with_columns(noise=rows["noise"] + 1).write_parquet(tmp_path / "other.parquet")
    assert overview_of(Source(path=tmp_path / "other.parquet"), "day").fingerprint != found.fingerprint


def test_what_a_worker_reads_is_coded_by_what_the_sample_has() -> None:
    recipe = recipe_of("classification", data={"path": str(source().path)})
    shares = Shares(recipe, ("high", "low"), {"colour": ["blue", "green"]})
    chunk = shares.read(0, 2)
    assert set(chunk.data["colour"].cat.categories) == {"blue", "green"}
    assert chunk.data["colour"].isna().any(), "red isn't in the sample"
    assert set(chunk.label) == {0.0, 1.0}
    with pytest.raises(DataError, match="class 'high' is in no row of the sample"):
        Shares(recipe, ("low", "other"), {"colour": []}).read(0, 2)


def test_what_scikit_learn_carries_is_not_shared() -> None:
    with pytest.raises(DataError, match="can't be shared among workers"):
        overview_of(Source(builtin="wine"), None)


def test_trees_stop_where_the_folds_gain_no_more() -> None:
    examples, recipe = made("regression")
    folds = split(examples, recipe).folds
    how = Settings(recipe.preprocessing, recipe.seed, recipe.threads)
    steep = {"n_estimators": 500, "learning_rate": 0.3, "num_leaves": 31}
    assert 1 <= trees_of(examples, folds, steep, how, patience=10) < 100
    flat = {"n_estimators": 15, "learning_rate": 0.01}
    assert trees_of(examples, folds, flat, how, patience=10) == 15


def test_only_lightgbm_is_fitted_by_several_workers() -> None:
    with pytest.raises(RecipeError, match="only lightgbm is fitted by several workers, not Ridge"):
        recipe_of("regression", estimator={"name": "Ridge", "distributed": {"sample": 1000}})
