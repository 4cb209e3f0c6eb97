from pathlib import Path

import polars as pl
import pytest

from hotshelf_trainer.errors import DataError
from tests.unit.trainer.recommendation.data.reading import pairs, read
from tests.unit.trainer.recommendation.purchases import write_lines


def test_a_time_that_cannot_be_read_is_named_by_row_and_value(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ("ann", "tea", "2024-01-01", 1), ("bob", "tea", "yesterday", 1))
    with pytest.raises(DataError, match="row 2, column 'time': 'yesterday' is not a time; expected an ISO time"):
        read(path)


def test_a_time_that_is_missing_is_named_too(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ("ann", "tea", "2024-01-01", 1), ("bob", "tea", "", 1))
    with pytest.raises(DataError, match="row 2, column 'time': None is not a time"):
        read(path)


def test_times_follow_the_recipes_format(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ("ann", "tea", "02.01.1970 00:00", 1))
    assert read(path, time_format="%d.%m.%Y %H:%M").begin == 86_400


def test_a_quantity_that_is_no_number_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("customer,product,time,quantity\nann,tea,2024-01-01,some\n")
    with pytest.raises(DataError, match="row 1, column 'quantity': 'some' is not a quantity; expected a number"):
        read(path)


def test_a_first_time_that_cannot_be_read_is_named_too(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.csv", ("ann", "tea", "yesterday", 1), ("bob", "tea", "2024-01-01", 1))
    with pytest.raises(DataError, match="row 1, column 'time': 'yesterday' is not a time; expected an ISO time"):
        read(path)


def test_the_first_of_many_bad_values_is_named(tmp_path: Path) -> None:
    days = ("2024-01-01", "2024-01-02", "soon", "2024-01-03", "later")
    path = write_lines(tmp_path / "a.csv", *(("ann", "tea", day, 1) for day in days))
    with pytest.raises(DataError, match="row 3, column 'time': 'soon' is not a time"):
        read(path)


def test_a_column_of_the_file_may_have_any_name(tmp_path: Path) -> None:
    table = pl.DataFrame({"row": ["ann"], "value": ["tea"], "parsed": ["2024-01-01"], "bad": [2], "index": [7]})
    table.write_parquet(tmp_path / "a.parquet")
    columns = {"customer": "row", "product": "value", "time": "parsed", "quantity": "bad", "basket": "index"}
    assert pairs(read(tmp_path / "a.parquet", columns=columns)) == [("ann", "tea")]
    table.with_columns(parsed=pl.lit("soon")).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(DataError, match="row 1, column 'parsed': 'soon' is not a time"):
        read(tmp_path / "b.parquet", columns=columns)


def test_seconds_dates_and_text_are_the_same_moments(tmp_path: Path) -> None:
    moments = pl.DataFrame({"customer": "ann", "product": "tea", "time": ["1970-01-02", "1970-01-04"], "quantity": 1})
    dates = moments.with_columns(pl.col("time").str.to_date())
    seconds = pl.col("time").cast(pl.Datetime("us")).dt.epoch("s")
    found = []
    for name, table in (("text", moments), ("dates", dates), ("seconds", dates.with_columns(seconds))):
        table.write_parquet(tmp_path / f"{name}.parquet")
        found.append(read(tmp_path / f"{name}.parquet").fingerprint)
    assert len(set(found)) == 1
