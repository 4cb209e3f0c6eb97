"""How customers buy, in numbers that can drift."""

from pathlib import Path

import pytest

from hotshelf_store import open_store
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.recipes.recommendation import Columns, Data
from hotshelf_trainer.recommendation.data import purchases_from
from hotshelf_trainer.recommendation.habits import drift_since, habits_of
from hotshelf_trainer.recommendation.pipeline import train
from tests.unit.trainer.recommendation.purchases import generated, generated_file, small_recipe, write_lines


def test_habits_are_those_of_the_last_days_and_know_what_was_bought_before(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "purchases.csv",
        ("ann", "tea", "2024-01-01", 1),
        ("ann", "tea", "2024-03-01", 1),
        ("ann", "cup", "2024-03-01", 1),
        ("ann", "tea", "2024-03-05", 1),
        ("bob", "cup", "2024-03-10", 1),
        ("eve", "tea", "2024-01-05", 1),  # and never again
    )
    columns = Columns(customer="customer", product="product", time="time", quantity="quantity")
    habits = habits_of(purchases_from(Data(path=path, columns=columns)), days=28)
    assert habits.to_dicts() == [
        {
            "baskets": 2,
            "purchases_a_basket": 1.5,
            "products": 2,
            "share_bought_before": pytest.approx(2 / 3),
            "days_known": 70.0,
        },
        {"baskets": 1, "purchases_a_basket": 1.0, "products": 1, "share_bought_before": 0.0, "days_known": 1.0},
    ]


def test_the_same_purchases_have_not_moved_and_a_version_without_a_profile_is_not_compared(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    train(small_recipe(generated_file()), store, "shop", Silent())
    found = drift_since(store, "shop", 1, generated())
    assert {one.column for one in found} >= {"baskets", "products", "share_bought_before"}
    assert max(one.psi for one in found) == pytest.approx(0, abs=1e-9)
    assert drift_since(store, "shop", 0, generated()) == ()
