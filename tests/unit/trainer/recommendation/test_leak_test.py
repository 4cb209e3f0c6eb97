"""Whatever knows the future is found by name, in the data or in a step that looks ahead; the honest pipeline passes."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hotshelf_server.runtimes.recommender.state import Facts, Ints, State
from hotshelf_store import open_store
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import Rows, Window
from hotshelf_trainer.recommendation.facts import facts_at
from hotshelf_trainer.recommendation.fitting import state_at
from hotshelf_trainer.recommendation.leak_test import NAME, leak_test
from hotshelf_trainer.recommendation.pipeline import train
from hotshelf_trainer.recommendation.rows import rows_of
from hotshelf_trainer.recommendation.truth import truth_of
from hotshelf_trainer.verdict import Check
from tests.unit.trainer.recommendation.purchases import COLUMNS, generated, generated_file, small_recipe

DAY = 86_400.0
CUT = generated().end - 28 * DAY


def trained(recipe: RecommendationRecipe, folder: Path) -> Check:
    """The leak test of a training."""
    folder.mkdir()
    outcome = train(recipe, open_store(folder), "shop", Silent())
    assert NAME in outcome.report
    return next(check for check in outcome.figures.verdict.checks if check.name == NAME)


def planted(path: Path, *columns: pl.Expr) -> Path:
    """The generated purchases with some columns made otherwise."""
    pl.read_parquet(generated_file()).with_columns(*columns).write_parquet(path)
    return path


def with_category(path: Path) -> RecommendationRecipe:
    recipe = small_recipe(path)
    columns = COLUMNS.model_copy(update={"category": "shelf"})
    return recipe.model_copy(update={"data": recipe.data.model_copy(update={"columns": columns})})


def late() -> pl.Expr:
    return pl.col("time").dt.epoch("s") >= CUT


def test_the_honest_pipeline_passes(tmp_path: Path) -> None:
    check = trained(small_recipe(generated_file()), tmp_path / "store")
    assert check.passed, check.reason
    assert check.reason == (
        "the facts of 167 customers and 140 products and the candidates and features of 100 customers are the same "
        "when all that happened since 2024-06-21 is removed"
    )


def test_it_passes_with_categories_that_come_later(tmp_path: Path) -> None:
    shelf = pl.col("product").str.slice(-1)
    later = pl.when(pl.col("time").min().over("product").dt.epoch("s") >= CUT).then(pl.lit("0 new")).otherwise(shelf)
    path = planted(tmp_path / "a.parquet", later.alias("shelf"))
    check = trained(with_category(path), tmp_path / "store")
    assert check.passed, check.reason


def test_a_category_that_tells_who_will_sell_is_found(tmp_path: Path) -> None:
    path = planted(
        tmp_path / "a.parquet", pl.when(late()).then(pl.lit("hit")).otherwise(pl.lit("other")).alias("shelf")
    )
    check = trained(with_category(path), tmp_path / "store")
    assert not check.passed
    assert check.reason.startswith("products' categories changed when all that happened since 2024-")


def test_baskets_that_lie_across_the_cut_are_found(tmp_path: Path) -> None:
    week = (pl.col("time").dt.epoch("s") - CUT + 3 * DAY) // (7 * DAY)
    path = planted(tmp_path / "a.parquet", week.cast(pl.Int64).alias("basket"))
    check = trained(small_recipe(path), tmp_path / "store")
    assert not check.passed
    assert "product_sold" in check.reason


@pytest.fixture(scope="module")
def honest() -> State:
    return state_at(generated(), CUT, small_recipe())


def compared(honest: State, facts: Facts, shift: float = 0.0) -> Check:
    """The leak test of ``facts`` against honest ones; ``shift`` is added to one feature of the former's rows."""
    now = State.of(honest.settings, honest.catalogue, facts, honest.learned)
    truth = truth_of(generated(), Window(CUT, CUT + 28 * DAY), honest.facts)

    def rows(state: State, customers: Ints) -> Rows:
        found = rows_of(state, truth.unlabelled(customers), lambda _: None)
        features = found.features.copy()
        features[:, 6] += np.float32(shift if state is now else 0)
        return replace(found, features=features)

    return leak_test(now, honest, truth.customers, rows, "then")


def test_equal_states_pass(honest: State) -> None:
    assert compared(honest, facts_at(generated(), CUT, honest.settings)).passed


def test_facts_that_look_a_week_ahead_are_found(honest: State) -> None:
    ahead = facts_at(generated(), CUT + 7 * DAY, honest.settings)
    check = compared(honest, replace(ahead, end=CUT))
    assert not check.passed


FEATURES: Sequence[str] = ("customer_features", "product_features", "decayed", "popularity", "last_age")


@pytest.mark.parametrize("name", FEATURES)
def test_a_fact_that_differs_in_its_last_bit_is_found(honest: State, name: str) -> None:
    values = getattr(honest.facts, name).copy()
    place = int(np.flatnonzero(np.isfinite(values.ravel()))[0])
    values.ravel()[place] = np.nextafter(values.ravel()[place], np.float32(np.inf))
    assert not compared(honest, replace(honest.facts, **{name: values})).passed


def test_a_feature_that_is_made_otherwise_is_found_by_name(honest: State) -> None:
    check = compared(honest, honest.facts, shift=1.0)
    assert not check.passed
    assert check.reason.startswith("days_since_first_bought changed when all that happened since then")
