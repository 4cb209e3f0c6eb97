from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.recommendation import Filter, ProductColumns, Products
from tests.unit.trainer.recommendation.data.reading import COLUMNS, pairs, read
from tests.unit.trainer.recommendation.purchases import write_lines


def test_the_end_is_the_midnight_after_the_last_purchase(tmp_path: Path) -> None:
    purchases = read(write_lines(tmp_path / "a.csv", ("ann", "tea", "1970-01-03 10:00:00", 1)))
    assert purchases.end == 3 * 86_400


def test_a_line_that_repeats_in_a_basket_is_one_purchase(tmp_path: Path) -> None:
    line = ("ann", "tea", "2024-01-01 10:00:00", 1)
    assert len(read(write_lines(tmp_path / "a.csv", line, line))) == 1


def test_without_baskets_a_day_is_one(tmp_path: Path) -> None:
    days = ("2024-01-01 10:00:00", "2024-01-01 18:00:00", "2024-01-02 09:00:00")
    purchases = read(write_lines(tmp_path / "a.csv", *(("ann", "tea", day, 1) for day in days)))
    assert len(purchases) == 2


def test_a_missing_column_is_named_with_what_is_there_and_a_suggestion(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ("ann", "tea", "2024-01-01", 1), header="custumer,product,time,quantity")
    message = r"no column 'customer' \(recipe key data.columns.customer\); did you mean 'custumer'\?.*product, time"
    with pytest.raises(DataError, match=message):
        read(path)


def test_a_return_takes_back_the_newest_purchases_of_its_pair(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "a.csv",
        ("ann", "tea", "1970-01-02", 1),
        ("ann", "tea", "1970-01-03", 2),
        ("bob", "tea", "1970-01-03", 2),
        ("ann", "tea", "1970-01-05", -2),
    )
    purchases = read(path)
    assert pairs(purchases) == [("ann", "tea"), ("ann", "tea"), ("bob", "tea")]
    assert purchases.returned.tolist() == [np.inf, 4 * 86_400, np.inf]


def test_a_return_in_part_leaves_the_purchase(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ("ann", "tea", "1970-01-02", 3), ("ann", "tea", "1970-01-03", -2))
    assert read(path).returned.tolist() == [np.inf]


def test_a_return_of_what_was_never_bought_is_left_out(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ("ann", "tea", "1970-01-02", 3), ("zoe", "jam", "1970-01-03", -2))
    purchases = read(path)
    assert list(purchases.customers) == ["ann"]
    assert list(purchases.catalogue.products) == ["tea"]


def test_nothing_but_returns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="every line is a return; expected lines with a positive quantity"):
        read(write_lines(tmp_path / "a.csv", ("ann", "tea", "1970-01-02", -1)))


def test_rows_at_and_after_until_are_ignored(tmp_path: Path) -> None:
    days = ("2024-01-01", "2024-01-02", "2024-01-03")
    path = write_lines(tmp_path / "a.csv", *(("ann", "tea", day, 1) for day in days))
    assert len(read(path, until="2024-01-02")) == 1
    with pytest.raises(DataError, match="no purchase is left after the recipe's filters and before 2023-01-01"):
        read(path, until="2023-01-01")
    with pytest.raises(DataError, match="until: 'soon' is not a date"):
        read(path, until="soon")


def test_filters_keep_what_matches_and_drop_what_is_listed(tmp_path: Path) -> None:
    names = ("12345", "POST", "99999")
    path = write_lines(tmp_path / "a.csv", *(("ann", name, "2024-01-01", 1) for name in names))
    rules = (Filter(column="product", matches=r"^\d{5}$"), Filter(column="product", not_in=("99999",)))
    assert list(read(path, filters=rules).catalogue.products) == ["12345"]


def test_products_take_titles_and_categories_from_a_second_file(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ("ann", "2", "2024-01-01", 1), ("ann", "1", "2024-01-01", 1))
    (tmp_path / "p.csv").write_text("id,name,shelf\n1,Tea,drinks\n2,Jam,\n3,Salt,spices\n")
    columns = ProductColumns(product="id", title="name", category="shelf")
    catalogue = read(path, products=Products(path=tmp_path / "p.csv", columns=columns)).catalogue
    assert list(catalogue.titles) == ["Tea", "Jam"]
    assert [catalogue.categories[category] for category in catalogue.category] == ["drinks", ""]


def test_lines_without_a_basket_are_their_days(tmp_path: Path) -> None:
    baskets = pl.Series("basket", [5, 5, None, None], dtype=pl.Int64)
    times = ["2024-01-01 10:00:00", "2024-01-02 10:00:00", "2024-01-03 09:00:00", "2024-01-03 10:00:00"]
    table = pl.DataFrame({"customer": "ann", "product": "tea", "time": times, "quantity": 1}).with_columns(baskets)
    columns = COLUMNS.model_copy(update={"basket": "basket"}).model_dump()
    for kind in (pl.Int64, pl.UInt64, pl.String):
        table.with_columns(pl.col("basket").cast(kind)).write_parquet(tmp_path / "a.parquet")
        assert read(tmp_path / "a.parquet", columns=columns).basket.tolist() == [0, 1]


def test_a_products_title_is_the_last_that_a_line_has(tmp_path: Path) -> None:
    lines = (("ann", "tea", "2024-01-01", 1, "Tee"), ("bob", "tea", "2024-01-02", 1, "Tea"))
    header = "customer,product,time,quantity,name"
    path = tmp_path / "a.csv"
    path.write_text("\n".join([header, *(",".join(map(str, line)) for line in lines), "cy,tea,2024-01-03,1,"]) + "\n")
    columns = COLUMNS.model_copy(update={"title": "name"}).model_dump()
    assert list(read(path, columns=columns).catalogue.titles) == ["Tea"]


def test_filters_may_ask_for_what_the_file_of_products_says(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ("ann", "2", "2024-01-01", 1), ("ann", "1", "2024-01-01", 1))
    (tmp_path / "p.csv").write_text("id,shelf,kind\n1,drinks,good\n2,spices,fuel\n")
    products = Products(path=tmp_path / "p.csv", columns=ProductColumns(product="id", category="shelf"))
    kept = read(path, products=products, filters=(Filter(column="kind", not_in=("fuel",)),))
    assert list(kept.catalogue.products) == ["1"]
    kept = read(path, products=products, filters=(Filter(column="category", not_in=("drinks",)),))
    assert list(kept.catalogue.products) == ["2"]
    with pytest.raises(
        DataError, match=r"no column 'kid' \(recipe key data.filters\[0\].column\); did you mean 'kind'"
    ):
        read(path, products=products, filters=(Filter(column="kid", not_in=("x",)),))
