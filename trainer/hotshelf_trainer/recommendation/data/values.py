"""Times and quantities of every line, or an error that names the first one that isn't any."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recommendation.data.files import collected


@dataclass(frozen=True, slots=True)
class Values:
    """A column, how it is understood, and what was expected where that fails."""

    column: str
    parsed: pl.Expr
    """Null where a value is not what was expected."""
    expected: str


def times_of(table: pl.LazyFrame, name: str, pattern: str | None) -> Values:
    """Seconds since the epoch, f64. Text without a zone is UTC; numbers are taken as seconds."""
    kind, column = table.collect_schema()[name], pl.col(name)
    expected = (
        f"a time like {pattern!r}" if pattern else "an ISO time like 2011-12-09 12:50:00 (or set data.time_format)"
    )
    if kind.is_numeric():
        return Values(name, column.cast(pl.Float64), f"is not a time; expected {expected}")
    if not kind.is_temporal():
        column = column.cast(pl.String).str.strip_chars().str.to_datetime(pattern, strict=False, time_unit="us")
    seconds = column.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) / 1e6
    return Values(name, seconds, f"is not a time; expected {expected}")


def quantities_of(name: str) -> Values:
    """Pieces, f64; negative ones are returns."""
    return Values(name, pl.col(name).cast(pl.Float64, strict=False), "is not a quantity; expected a number")


def check(table: pl.LazyFrame, path: Path, *columns: Values) -> None:
    """Raise ``DataError`` for the first row of the file with a value that can't be understood."""
    for values in columns:
        if bad := _first_bad(table, path, values):
            row, value = bad
            raise DataError(f"{path}: row {row}, column {values.column!r}: {value!r} {values.expected}")


def _first_bad(table: pl.LazyFrame, path: Path, values: Values) -> tuple[int, object] | None:
    # Named apart from the file's own columns, whatever these are called.
    numbered = table.select(pl.col(values.column).alias("value"), pl.int_range(1, pl.len() + 1).alias("row"))
    bad = pl.col("parsed").is_null()
    try:
        if not table.select(values.parsed.is_null().any().alias("bad")).collect(engine="streaming").item():
            return None
        parsed = table.select(values.parsed.alias("parsed"))
        rows = pl.concat([numbered, parsed], how="horizontal").filter(bad).head(1)
        found = collected(rows.select("row", "value"), path)
    except pl.exceptions.ComputeError:
        # No time at all where the format is found out from the first value.
        found = collected(numbered.head(1).select("row", "value"), path)
    row, value = found.row(0)
    return int(row), value
