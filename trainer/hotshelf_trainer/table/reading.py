"""Reads the table that a recipe names: files, a query over files (DuckDB), or one that scikit-learn carries."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
from sklearn import datasets

from hotshelf_store import DataSummary
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.publishing import timestamp
from hotshelf_trainer.recipes.source import Source

READERS = {".parquet": "read_parquet", ".csv": "read_csv"}
"""DuckDB's functions by the suffix of the files that they read."""

BUILT_IN_TARGET = "target"


@dataclass(frozen=True, slots=True)
class Share:
    """One of several disjoint shares of a table, by a hash: rows that are equal in a column go together."""

    part: int
    """0 to ``parts`` - 1."""
    parts: int
    by: str | None
    """The column; None: all of them."""


def read_table(source: Source, before: object = None, share: Share | None = None) -> pl.DataFrame:
    """The table; ``before``: as if the files of a query had no rows from that time on, by ``source.times``.

    With a ``share`` no more than that is ever in memory. Raises ``DataError`` where a file is absent, empty or
    unreadable, the query is wrong, or a share of no files is asked for.
    """
    if source.builtin is not None and share is None:
        table = _built_in(source.builtin)
    else:
        sql, tables = _asked(source)
        table = _query(sql if share is None else _shared(sql, share), tables, _conditions(source, before))
    if table.is_empty():
        raise DataError(f"{_name(source)}: no rows; expected a table with at least one")
    return table


@dataclass(frozen=True, slots=True)
class Overview:
    """What is told of a table without having it in memory."""

    rows: int
    fingerprint: str
    """Of its rows, in whatever order."""
    first: object
    last: object
    """The least and the largest time; None without a time."""

    def summary(self) -> DataSummary:
        """What a manifest says of the rows."""
        data = DataSummary(fingerprint=self.fingerprint, rows=self.rows)
        if isinstance(self.first, date) and isinstance(self.last, date):
            data.start.CopyFrom(timestamp(_epoch(self.first)))
            data.end.CopyFrom(timestamp(_epoch(self.last)))
        return data


def overview_of(source: Source, time: str | None) -> Overview:
    """Of all rows before ``source.until``; ``time``: the column that says when they were known."""
    sql, tables = _asked(source)
    moment = f'"{time}"' if time else "NULL"
    kept = f"WHERE {moment} < {_quoted(source.until)}" if source.until and time else ""
    asked = f"SELECT count(*), sum(hash(rows)::HUGEINT)::VARCHAR, min({moment}), max({moment})"
    rows, digest, first, last = _query(f"{asked} FROM ({_bare(sql)}) AS rows {kept}", tables, {}).row(0)
    if not rows:
        raise DataError(f"{_name(source)}: no rows; expected a table with at least one")
    return Overview(rows, hashlib.sha256(f"{rows} {digest}".encode()).hexdigest(), first, last)


def _epoch(moment: date) -> float:
    """Seconds (UTC) of a date, or of a datetime, which is one too."""
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp()
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _asked(source: Source) -> tuple[str, Mapping[str, Path | None]]:
    """The query, and the files by the names that it gives them."""
    if source.sql is not None:
        return source.sql, source.tables
    if source.path is not None:
        return "SELECT * FROM data", {"data": source.path}
    if source.builtin is not None:
        raise DataError("data.builtin can't be shared among workers; expected files: data.path, or data.sql over some")
    raise DataError("no data: name a file with --data, or data.path, data.sql or data.builtin in the recipe")


def _shared(sql: str, share: Share) -> str:
    key = "rows" if share.by is None else f'"{share.by}"'
    return f"SELECT * FROM ({_bare(sql)}) AS rows WHERE hash({key}) % {share.parts} = {share.part}"  # noqa: S608 - quoted


def _bare(sql: str) -> str:
    return sql.strip().rstrip(";")


def rows_before(table: pl.DataFrame, column: str, until: str) -> pl.DataFrame:
    """The rows whose time is earlier than an ISO date (UTC). Raises ``DataError`` for a text that is no date."""
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as error:
        raise DataError(f"until: {until!r} is not a date; expected an ISO date like 2011-11-12") from error
    dtype = table.schema[column]
    if not dtype.is_temporal():
        raise DataError(f"until: column {column!r} is {dtype}, expected a date or time")
    zone = getattr(dtype, "time_zone", None)
    moment = moment if moment.tzinfo is None or zone is not None else moment.astimezone(UTC).replace(tzinfo=None)
    return table.filter(pl.col(column) < pl.lit(moment).cast(dtype))


def _name(source: Source) -> str:
    return str(source.path or source.builtin or "data.sql")


def _built_in(name: str) -> pl.DataFrame:
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    return pl.from_pandas(bunch.frame)


def _conditions(source: Source, before: object) -> Mapping[str, str]:
    """Which rows of each file a query sees."""
    if before is None:
        return {}
    return {name: f'WHERE "{column}" < {_quoted(str(before))}' for name, column in source.times.items()}


def _query(sql: str, tables: Mapping[str, Path | None], conditions: Mapping[str, str]) -> pl.DataFrame:
    with _connection() as connection:
        allowed: list[str] = []
        for name, path in tables.items():
            if path is None:
                raise DataError(f"no file for table {name!r}: name it with --data, or data.tables.{name} in the recipe")
            files = files_of(path)
            allowed += map(str, files)
            listed = ", ".join(_quoted(str(file)) for file in files)
            reader = READERS[files[0].suffix]
            connection.execute(f"SET allowed_paths = [{', '.join(map(_quoted, allowed))}]")
            kept = conditions.get(name, "")
            connection.execute(f'CREATE VIEW "{name}" AS SELECT * FROM {reader}([{listed}]) {kept}')  # noqa: S608 - quoted
        # A query reads the tables that the recipe names, and nothing else of this machine.
        connection.execute("SET enable_external_access = false")
        found = pl.from_arrow(connection.sql(sql).to_arrow_table())
        if not isinstance(found, pl.DataFrame):
            raise DataError("data.sql: expected a query that gives a table")
        return found


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        # Threads would add up sums and hand out rows in the order in which they happen to be done.
        with duckdb.connect(config={"threads": 1}) as connection:
            yield connection
    except duckdb.Error as error:
        raise DataError(f"the data can't be read: {error}") from error


def files_of(path: Path) -> list[Path]:
    """The file, or the files of a folder or glob, sorted. Raises ``DataError`` for none, and for mixed kinds."""
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix in READERS)
    elif any(sign in path.name for sign in "*?["):
        found = sorted(path.parent.glob(path.name))
    else:
        found = [path] if path.is_file() else []
    if not found:
        raise DataError(f"{path}: no such file; expected .csv or .parquet files")
    kinds = sorted({file.suffix or file.name for file in found})
    if len(kinds) > 1 or kinds[0] not in READERS:
        raise DataError(f"{path}: expected .csv files or .parquet files, found {', '.join(kinds)}")
    if empty := [file for file in found if file.stat().st_size == 0]:
        raise DataError(f"{empty[0]}: the file is empty; expected a table with a header")
    return [file.resolve() for file in found]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
