"""Rows: a table in the form that estimators take."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from hotshelf_store import DataSummary
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.publishing import timestamp
from hotshelf_trainer.table.roles import Roles

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to learn from, in the table's order; where there is a time, sorted by it."""

    roles: Roles
    frame: pd.DataFrame
    """[n, features]: float64 for numbers (NaN: missing), objects of ``str`` for categories ("": missing)."""
    groups: npt.NDArray[np.int64]
    """[n] 0..G-1: rows of one group aren't independent. Each row its own where the recipe names no group."""
    time: npt.NDArray[np.float64] | None
    """[n] seconds since the epoch (UTC); of a column of numbers, the numbers."""
    moments: pl.Series | None
    """[n] the same as the table has it."""
    fingerprint: str
    """sha256 over names and values, whatever files they came from."""

    def __len__(self) -> int:
        return len(self.frame)


def in_order(table: pl.DataFrame, roles: Roles) -> pl.DataFrame:
    """The table sorted by its time, where it has one."""
    return table if roles.time is None else table.sort(roles.time, maintain_order=True)


def rows_of(table: pl.DataFrame, roles: Roles) -> Rows:
    """The rows of a table that is in order. Raises ``DataError`` for a time that is none."""
    return Rows(
        roles=roles,
        frame=_frame(table, roles),
        groups=_groups(table, roles),
        time=_seconds(table[roles.time]) if roles.time else None,
        moments=table[roles.time] if roles.time else None,
        fingerprint=_fingerprint(table, roles),
    )


def summary_of(rows: Rows) -> DataSummary:
    """What a manifest says of the rows."""
    data = DataSummary(fingerprint=rows.fingerprint, rows=len(rows))
    if rows.time is not None and rows.moments is not None and rows.moments.dtype.is_temporal():
        data.start.CopyFrom(timestamp(float(rows.time.min())))
        data.end.CopyFrom(timestamp(float(rows.time.max())))
    return data


def _seconds(column: pl.Series) -> npt.NDArray[np.float64]:
    if column.dtype.is_temporal():
        column = column.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) / 1e6
    elif not column.dtype.is_numeric():
        raise DataError(f"column {column.name!r} (recipe key time) is {column.dtype}; expected a date, time or number")
    return column.cast(pl.Float64).to_numpy()


def _frame(table: pl.DataFrame, roles: Roles) -> pd.DataFrame:
    numbers = {name: table[name].cast(pl.Float64).to_numpy() for name in roles.numeric}
    texts = {
        name: np.array(table[name].cast(pl.String).fill_null("").to_list(), dtype=object) for name in roles.categorical
    }
    frame = pd.DataFrame(numbers, columns=pd.Index(roles.numeric, dtype=object))
    for name, values in texts.items():
        frame[name] = pd.Series(values, dtype=object)
    return frame


def _groups(table: pl.DataFrame, roles: Roles) -> npt.NDArray[np.int64]:
    if roles.group is None:
        return np.arange(len(table))
    _, groups = np.unique(table[roles.group].cast(pl.String).to_numpy().astype(str), return_inverse=True)
    return groups.astype(np.int64)


def _fingerprint(table: pl.DataFrame, roles: Roles) -> str:
    digest = hashlib.sha256()
    for name in (*roles.features, roles.target, roles.time, roles.group):
        if name is not None:
            digest.update(name.encode() + b"\0")
            digest.update(table[name].hash(seed=0).to_numpy().tobytes())
    return digest.hexdigest()
