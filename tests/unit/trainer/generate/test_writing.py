import multiprocessing
from pathlib import Path

import polars as pl
import pytest

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.generate import Law, generate, law_of
from hotshelf_trainer.generate.processes import chunks

LAW = Law(customers=300, products=200, lines=20_000, days=300, seed=3)
TWO_CHUNKS = Law(customers=6_000, products=50, lines=20_000, days=60)


def test_equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    one, other = generate(LAW, tmp_path / "a"), generate(LAW, tmp_path / "b")
    assert one.purchases.read_bytes() == other.purchases.read_bytes()
    assert one.products.read_bytes() == other.products.read_bytes()


def test_other_seeds_give_other_purchases(tmp_path: Path) -> None:
    one = generate(LAW, tmp_path / "a")
    other = generate(Law(300, 200, 20_000, 300, seed=4), tmp_path / "b")
    assert not pl.read_parquet(one.purchases).equals(pl.read_parquet(other.purchases))


def test_several_processes_write_the_same_bytes_as_one(tmp_path: Path) -> None:
    assert TWO_CHUNKS.chunks == 2
    shares: list[float] = []
    one = generate(TWO_CHUNKS, tmp_path / "a")
    two = generate(TWO_CHUNKS, tmp_path / "b", processes=2, progress=shares.append)
    assert one.purchases.read_bytes() == two.purchases.read_bytes()
    assert shares == [0.5, 1.0]


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
    lines = pl.read_parquet(generate(TWO_CHUNKS, tmp_path).purchases)
    baskets = lines.group_by("basket").agg(pl.col("time").n_unique(), pl.col("customer").n_unique())
    assert baskets["time"].max() == baskets["customer"].max() == 1


def test_each_line_has_its_products_price(tmp_path: Path) -> None:
    made = generate(LAW, tmp_path)
    lines, products = pl.read_parquet(made.purchases), pl.read_parquet(made.products)
    joined = lines.join(products, on="product", suffix="_listed")
    assert len(joined) == len(lines)
    assert joined["price"].equals(joined["price_listed"].alias("price"))


def test_ids_are_text_for_whoever_reads_the_file(tmp_path: Path) -> None:
    lines = pl.read_parquet(generate(LAW, tmp_path).purchases)
    assert lines.schema["customer"] == lines.schema["product"] == pl.String


def test_the_file_tells_its_law(tmp_path: Path) -> None:
    assert law_of(generate(LAW, tmp_path).purchases) == LAW


def test_a_file_without_a_law_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"customer": ["ann"]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="it doesn't tell its law; expected purchases made by hotshelf data generate"):
        law_of(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="expected purchases made by hotshelf data generate"):
        law_of(tmp_path / "absent.parquet")


def test_a_law_that_leaves_nobody_with_a_purchase_writes_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1 lines over 1 customers left nobody with a purchase; ask for more lines"):
        generate(Law(1, 1, 1, seed=0), tmp_path)
    assert not list(tmp_path.glob("purchases*"))


def test_a_process_at_least_is_needed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="processes: 0; expected 1 or more"):
        generate(LAW, tmp_path, processes=0)


def test_whoever_stops_early_leaves_no_process_behind() -> None:
    made = chunks(TWO_CHUNKS, processes=2)
    next(made)
    made.close()
    assert not multiprocessing.active_children()
