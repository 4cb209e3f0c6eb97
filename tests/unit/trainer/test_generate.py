from pathlib import Path

import polars as pl
import pytest

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.generate import Law, generate

LAW = Law(customers=300, products=200, lines=20_000, days=300, seed=3)


def test_equal_seeds_give_equal_purchases(tmp_path: Path) -> None:
    one, other = generate(LAW, tmp_path / "a"), generate(LAW, tmp_path / "b")
    assert pl.read_parquet(one.purchases).equals(pl.read_parquet(other.purchases))
    assert pl.read_parquet(one.products).equals(pl.read_parquet(other.products))


def test_other_seeds_give_other_purchases(tmp_path: Path) -> None:
    one = generate(LAW, tmp_path / "a")
    other = generate(Law(300, 200, 20_000, 300, seed=4), tmp_path / "b")
    assert not pl.read_parquet(one.purchases).equals(pl.read_parquet(other.purchases))


def test_it_makes_about_as_many_lines_as_asked_for_within_the_period(tmp_path: Path) -> None:
    made = generate(Law(3000, 500, 200_000, 300, seed=0), tmp_path)
    lines = pl.read_parquet(made.purchases)
    assert made.lines == len(lines)
    assert 0.8 < made.lines / 200_000 < 1.2
    days = (lines["time"].max() - lines["time"].min()).days  # type: ignore[operator, union-attr]
    assert 290 <= days <= 300


def test_customers_repeat_and_popularity_has_a_heavy_tail(tmp_path: Path) -> None:
    lines = pl.read_parquet(generate(LAW, tmp_path).purchases)
    repeats = 1 - lines.select("customer", "product").n_unique() / len(lines)
    assert 0.3 < repeats < 0.8
    sold = lines["product"].value_counts(sort=True)["count"]
    assert sold.head(20).sum() > 0.2 * len(lines)


def test_a_basket_is_one_customers_at_one_time(tmp_path: Path) -> None:
    lines = pl.read_parquet(generate(LAW, tmp_path).purchases)
    assert lines.group_by("customer", "basket").agg(pl.col("time").n_unique())["time"].max() == 1


@pytest.mark.parametrize("name", ["customers", "products", "lines", "days"])
def test_sizes_are_positive(name: str) -> None:
    sizes = {"customers": 1, "products": 1, "lines": 1, "days": 1} | {name: 0}
    with pytest.raises(DataError, match=f"{name}: 0; expected 1 or more"):
        Law(**sizes)
