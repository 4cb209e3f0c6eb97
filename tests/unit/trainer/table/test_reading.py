"""What is read, and what is said of files and queries that are no good."""

from pathlib import Path

import polars as pl
import pytest

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.source import Source
from hotshelf_trainer.table.reading import read_table, rows_before

ROWS = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", None]})


@pytest.mark.parametrize("kind", ["csv", "parquet", "folder", "glob"])
def test_files_folders_and_globs_give_the_same_rows(tmp_path: Path, kind: str) -> None:
    (tmp_path / "part").mkdir()
    ROWS.head(2).write_parquet(tmp_path / "part" / "1.parquet")
    ROWS.tail(1).write_parquet(tmp_path / "part" / "2.parquet")
    ROWS.write_csv(tmp_path / "one.csv")
    ROWS.write_parquet(tmp_path / "one.parquet")
    paths = {"csv": "one.csv", "parquet": "one.parquet", "folder": "part", "glob": "part/*.parquet"}
    assert read_table(Source(path=tmp_path / paths[kind])).equals(ROWS)


def test_a_query_reads_the_tables_that_it_names(tmp_path: Path) -> None:
    ROWS.write_parquet(tmp_path / "o'clock.parquet")
    source = Source(sql="SELECT sum(a) AS total FROM rows", tables={"rows": tmp_path / "o'clock.parquet"})
    assert read_table(source)["total"].to_list() == [6]


def test_a_query_reads_no_other_file(tmp_path: Path) -> None:
    ROWS.write_parquet(tmp_path / "mine.parquet")
    ROWS.write_parquet(tmp_path / "other.parquet")
    sql = f"SELECT * FROM read_parquet('{tmp_path / 'other.parquet'}')"  # noqa: S608 - that is what is tried
    with pytest.raises(DataError, match="can't be read"):
        read_table(Source(sql=sql, tables={"rows": tmp_path / "mine.parquet"}))


def test_the_time_before_which_a_query_sees_rows(tmp_path: Path) -> None:
    dated = ROWS.with_columns(day=pl.Series(["2020-01-01", "2020-01-02", "2020-01-03"]).str.to_date())
    dated.write_parquet(tmp_path / "rows.parquet")
    source = Source(sql="SELECT a FROM rows", tables={"rows": tmp_path / "rows.parquet"}, times={"rows": "day"})
    assert read_table(source, before=dated["day"][2])["a"].to_list() == [1, 2]
    assert rows_before(dated, "day", "2020-01-02")["a"].to_list() == [1]
    with pytest.raises(DataError, match="'soon' is not a date"):
        rows_before(dated, "day", "soon")


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "digits", "iris", "wine"])
def test_tables_that_scikit_learn_carries_have_a_target(name: str) -> None:
    assert "target" in read_table(Source.model_validate({"builtin": name})).columns


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "header.csv").write_text("a,b\n")
    (tmp_path / "words.parquet").write_text("no parquet")
    (tmp_path / "mixed").mkdir()
    ROWS.write_csv(tmp_path / "mixed" / "1.csv")
    ROWS.write_parquet(tmp_path / "mixed" / "2.parquet")
    for name, words in {
        "gone.csv": "no such file",
        "empty.csv": "the file is empty",
        "header.csv": "no rows",
        "words.parquet": "can't be read",
        "mixed": r"expected \.csv files or \.parquet files, found \.csv, \.parquet",
    }.items():
        with pytest.raises(DataError, match=words):
            read_table(Source(path=tmp_path / name))
    with pytest.raises(DataError, match="no data: name a file with --data"):
        read_table(Source())
    with pytest.raises(DataError, match=r"no file for table 'rows'"):
        read_table(Source(sql="SELECT 1", tables={"rows": None}))
