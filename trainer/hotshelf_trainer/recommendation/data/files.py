"""Files as lazy tables, which are read when something is asked of them."""

from difflib import get_close_matches
from pathlib import Path

import polars as pl

from hotshelf_trainer.errors import DataError


def scan(path: Path) -> pl.LazyFrame:
    """The table of a .csv, .tsv or .parquet file; raises ``DataError`` where it isn't one or has no rows."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected purchases as .csv or .parquet")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty; expected purchases with a header")
    if path.suffix == ".parquet":
        table = pl.scan_parquet(path)
    elif path.suffix in {".csv", ".tsv", ".txt"}:
        table = pl.scan_csv(path, infer_schema=False, separator="\t" if path.suffix == ".tsv" else ",")
    else:
        raise DataError(f"{path}: expected a .csv, .tsv or .parquet file, found {path.suffix or 'no suffix'!r}")
    if not len(collected(table.head(1), path)):
        raise DataError(f"{path}: the file has a header but no rows; expected purchases")
    return table


def collected(table: pl.LazyFrame, path: Path) -> pl.DataFrame:
    """What is asked of a file, read as a stream; raises ``DataError`` where the file turns out to be none."""
    try:
        return table.collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{path}: not readable as {path.suffix[1:]}: {error}") from error


def column_of(table: pl.LazyFrame, name: str, key: str, path: Path) -> pl.Expr:
    """The column that the recipe's ``key`` names; refuse a name that isn't there, and say which are."""
    columns = table.collect_schema().names()
    if name not in columns:
        close = get_close_matches(name, columns, n=1, cutoff=0.5)
        close = close or [column for column in columns if column.lower() == name.lower()]
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise DataError(f"{path}: no column {name!r} (recipe key {key}){hint} Present: {', '.join(columns)}")
    return pl.col(name)
