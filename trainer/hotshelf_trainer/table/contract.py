"""What every row must fulfil, derived from the recipe. All violations are found at once; their rows are kept aside."""

from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.table.roles import Roles

ROW = "row"
"""Name of the column with a row's number in the table that was read, from 1 on."""

SHOWN = 5
"""Values of a violated check that are shown."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A check that some rows failed."""

    column: str
    check: str
    rows: int
    values: tuple[str, ...]
    """The first few."""

    def __str__(self) -> str:
        return f"{self.column}: {self.check}, {self.rows:,} rows, such as {', '.join(self.values) or 'nothing'}"


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows that keep the contract, and those that don't."""

    kept: pl.DataFrame
    aside: pl.DataFrame
    violations: tuple[Violation, ...]


def check(table: pl.DataFrame, roles: Roles, *, max_bad_share: float) -> Checked:
    """Set apart what breaks the contract.

    Raises ``DataError`` with all violations where that is more than a share of the rows, and for an empty column.
    """
    for name in roles.features:
        if table[name].null_count() == len(table):
            raise DataError(f"column {name!r} is missing in all rows: name it in features.drop")
    try:
        _schema(table, roles).validate(table, lazy=True)
    except SchemaErrors as errors:
        failures = errors.failure_cases
    else:
        return Checked(table, table.clear(), ())
    violations = _violations(failures)
    bad = failures["index"].drop_nulls().unique()
    numbered = table.with_row_index(ROW)
    aside = numbered.filter(pl.col(ROW).is_in(bad.cast(pl.UInt32).implode())).with_columns(pl.col(ROW) + 1)
    if len(aside) > max_bad_share * len(table):
        listed = "\n".join(f"  {violation}" for violation in violations)
        raise DataError(
            f"{len(aside):,} of {len(table):,} rows break the contract, expected at most {max_bad_share:.1%} "
            f"(data.max_bad_share):\n{listed}"
        )
    kept = numbered.filter(~pl.col(ROW).is_in(bad.cast(pl.UInt32).implode())).drop(ROW)
    return Checked(kept, aside, violations)


def _schema(table: pl.DataFrame, roles: Roles) -> pa.DataFrameSchema:
    columns = {name: pa.Column(nullable=True, checks=_finite(table, name)) for name in roles.numeric}
    for name in roles.required:
        columns[name] = pa.Column(nullable=False, checks=_finite(table, name))
    if roles.id is not None:
        columns[roles.id] = pa.Column(nullable=False, unique=True)
    return pa.DataFrameSchema(columns)


def _finite(table: pl.DataFrame, name: str) -> list[pa.Check]:
    if not table.schema[name].is_float():
        return []

    def finite(data: pa.PolarsData) -> pl.LazyFrame:
        # A NaN is a missing number; an infinity is somebody's mistake.
        return data.lazyframe.select(~pl.col(data.key).is_infinite())

    return [pa.Check(finite, name="is finite", error="is finite")]


def _violations(failures: pl.DataFrame) -> tuple[Violation, ...]:
    grouped = failures.group_by("column", "check", maintain_order=True).agg(
        pl.col("index").drop_nulls().n_unique().alias("rows"), pl.col("failure_case").drop_nulls().head(SHOWN)
    )
    return tuple(
        Violation(str(column), _words(str(check)), int(rows), tuple(map(str, cases)))
        for column, check, rows, cases in grouped.select("column", "check", "rows", "failure_case").iter_rows()
    )


def _words(check: str) -> str:
    return {"not_nullable": "is missing", "field_uniqueness": "is there twice", "is finite": "is not finite"}.get(
        check, check
    )
