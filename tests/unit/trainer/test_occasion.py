"""A training that was not worth its while is told so before it learns."""

import argparse
from pathlib import Path

import polars as pl
import pytest

from hotshelf_store import Store, open_store
from hotshelf_trainer.command import Train
from hotshelf_trainer.occasion import ALWAYS, DAY, Occasion, look
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.recipes import RegressionRecipe, text_of
from hotshelf_trainer.tabular.pipeline import train
from hotshelf_trainer.training import train as train_any
from tests.unit.trainer.recommendation.purchases import generated_file, small_recipe
from tests.unit.trainer.tabular.tables import recipe_of, table

WEEK = Occasion(older_than_seconds=7 * DAY)
MOVED = Occasion(drift_above=0.25)


def recipe(folder: Path) -> RegressionRecipe:
    made = recipe_of("regression", data={"path": str(folder / "table.parquet")})
    assert isinstance(made, RegressionRecipe)
    return made


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """With version 1 of ``made``."""
    folder = tmp_path_factory.mktemp("occasion")
    table().write_parquet(folder / "table.parquet")
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    train(recipe(folder), store, "made", Silent())
    return store


@pytest.fixture
def created(store: Store) -> float:
    return store.manifest("made", 1).created_at.ToNanoseconds() / 1e9


def test_without_an_occasion_it_always_is_worth_its_while(store: Store, tmp_path: Path) -> None:
    assert look(ALWAYS, recipe(tmp_path), store, "made", 0.0).train


@pytest.mark.parametrize("occasion", [WEEK, MOVED])
def test_a_model_without_a_champion_is_trained(store: Store, tmp_path: Path, occasion: Occasion) -> None:
    answer = look(occasion, recipe(tmp_path), store, "other", 0.0)
    assert answer.train
    assert "no champion yet" in answer.why


def test_the_champions_age_decides_without_a_look_at_the_data(store: Store, tmp_path: Path, created: float) -> None:
    young = look(WEEK, recipe(tmp_path), store, "made", created + 6.9 * DAY)
    assert (young.train, young.why) == (False, "champion version 1 is 6.9 days old, no more than 7 days")
    old = look(WEEK, recipe(tmp_path), store, "made", created + 7.1 * DAY)
    assert (old.train, old.why) == (True, "champion version 1 is 7.1 days old, more than 7 days")


def test_data_that_moved_are_an_occasion_and_equal_data_are_none(store: Store, tmp_path: Path, created: float) -> None:
    table(seed=5).write_parquet(tmp_path / "table.parquet")
    same = look(MOVED, recipe(tmp_path), store, "made", created)
    assert not same.train, same.why
    moved = table(seed=5)
    moved.with_columns(noise=moved["noise"] + 2).write_parquet(tmp_path / "table.parquet")
    found = look(MOVED, recipe(tmp_path), store, "made", created)
    assert found.train
    assert "noise has moved most since" in found.why


def test_either_is_enough(store: Store, tmp_path: Path, created: float) -> None:
    table(seed=5).write_parquet(tmp_path / "table.parquet")
    either = Occasion(older_than_seconds=7 * DAY, drift_above=0.25)
    assert look(either, recipe(tmp_path), store, "made", created + 8 * DAY).train
    neither = look(either, recipe(tmp_path), store, "made", created + 6 * DAY)
    assert not neither.train
    assert "no more than 7 days; " in neither.why


def test_a_recommenders_customers_can_change_their_habits(tmp_path: Path) -> None:
    recommender = small_recipe(generated_file())
    store = open_store(tmp_path)
    train_any(recommender, store, "shop", Silent())
    same = look(MOVED, recommender, store, "shop", 0.0)
    assert not same.train, same.why
    # Only the first purchase of each product by each customer: nothing is bought again.
    new = pl.read_parquet(generated_file()).unique(["customer", "product"], keep="first", maintain_order=True)
    new.write_parquet(tmp_path / "new.parquet")
    moved = look(MOVED, small_recipe(tmp_path / "new.parquet"), store, "shop", 0.0)
    assert moved.train
    assert "share_bought_before has moved most since" in moved.why, moved.why


def test_the_command_trains_nothing_without_an_occasion(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "recipe.yaml").write_text(text_of(recipe(tmp_path)))
    (tmp_path / "store").mkdir()
    table().write_parquet(tmp_path / "table.parquet")
    parser = argparse.ArgumentParser()
    Train().configure(parser)
    words = [str(tmp_path / "recipe.yaml"), "--store", str(tmp_path / "store"), "--if-older-days", "7"]
    for versions, said in ([1], "no champion yet"), ([1], "not needed: champion version 1 is 0.0 days old"):
        assert Train().run(parser.parse_args(words)) == 0
        assert said in capsys.readouterr().err
        assert open_store(tmp_path / "store").numbers("made") == versions
