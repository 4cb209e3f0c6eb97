from pathlib import Path

import polars as pl
import pytest

from hotshelf_trainer.errors import DataError
from tests.unit.trainer.recommendation.data.reading import pairs, read
from tests.unit.trainer.recommendation.purchases import write_lines


def test_csv_and_parquet_give_the_same_purchases(tmp_path: Path) -> None:
    lines = [("ann", "tea", "2024-01-01 10:00:00", 1), ("bob", "jam", "2024-01-02 10:00:00", 2)]
    csv = write_lines(tmp_path / "lines.csv", *lines)
    table = pl.read_csv(csv, try_parse_dates=True)
    table.write_parquet(tmp_path / "lines.parquet")
    one, other = read(csv), read(tmp_path / "lines.parquet")
    assert one.fingerprint == other.fingerprint
    assert pairs(one) == pairs(other) == [("ann", "tea"), ("bob", "jam")]


@pytest.mark.parametrize("content", ["", "customer,product,time,quantity\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=r"a\.csv: the file (is empty|has a header but no rows); expected purchases"):
        read(path)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no such file; expected purchases as .csv or .parquet"):
        read(tmp_path / "a.csv")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK")
    with pytest.raises(DataError, match=r"expected a .csv, .tsv or .parquet file, found '.xlsx'"):
        read(path)


def test_bytes_that_are_no_parquet_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"not parquet at all")
    with pytest.raises(DataError, match="not readable as parquet"):
        read(path)


def test_a_csv_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('customer,product,time,quantity\nann,tea,2024-01-01,1\nann,"tea,2024-01-01,1,5,6,7\n')
    with pytest.raises(DataError, match=r"a\.csv: "):
        read(path)
