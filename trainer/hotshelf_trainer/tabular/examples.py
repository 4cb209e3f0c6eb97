"""Examples: a table in the form that estimators take."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from hotshelf_trainer.diagnosis.metrics import Task
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes import ClassificationRecipe, RankingRecipe, TabularRecipe
from hotshelf_trainer.tabular.roles import Roles

Indices = npt.NDArray[np.intp]
MAX_CLASSES = 200
MAX_GRADE = 30
"""Of a ranking's target: LightGBM's gains are powers of 2."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows to learn from, in the table's order; where there is a time, sorted by it."""

    task: Task
    roles: Roles
    frame: pd.DataFrame
    """[n, features]: float64 for numbers (NaN: missing), objects of ``str`` for categories ("": missing)."""
    truth: npt.NDArray[np.float64]
    """[n] the number, the grade, or the place of the class in ``classes``."""
    classes: tuple[str, ...]
    groups: npt.NDArray[np.int64]
    """[n] 0..G-1: rows of one group aren't independent. Each row its own where the recipe names no group."""
    time: npt.NDArray[np.float64] | None
    """[n] seconds since the epoch (UTC); of a column of numbers, the numbers."""
    moments: pl.Series | None
    """[n] the same as the table has it."""
    segments: pd.DataFrame
    fingerprint: str
    """sha256 over names and values, whatever files they came from."""

    def __len__(self) -> int:
        return len(self.truth)


def examples_of(table: pl.DataFrame, roles: Roles, recipe: TabularRecipe) -> Examples:
    """Raises ``DataError`` for a target that the task can't have."""
    if roles.time is not None:
        table = table.sort(roles.time, maintain_order=True)
    if isinstance(recipe, RankingRecipe):
        table = table.sort(roles.group or "", maintain_order=True)
    task, truth, classes = _truth(table[roles.target], recipe)
    return Examples(
        task=task,
        roles=roles,
        frame=_frame(table, roles),
        truth=truth,
        classes=classes,
        groups=_groups(table, roles),
        time=_seconds(table[roles.time]) if roles.time else None,
        moments=table[roles.time] if roles.time else None,
        segments=table.select(pl.col(roles.segments).cast(pl.String).fill_null("")).to_pandas(),
        fingerprint=_fingerprint(table, roles),
    )


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


def _truth(target: pl.Series, recipe: TabularRecipe) -> tuple[Task, npt.NDArray[np.float64], tuple[str, ...]]:
    name = target.name
    if isinstance(recipe, ClassificationRecipe):
        classes = tuple(_class_names(target))
        if len(classes) < 2:
            raise DataError(f"target {name!r} has one class ({classes[0]!r}) in all rows; expected at least two")
        if len(classes) > MAX_CLASSES:
            raise DataError(
                f"target {name!r} has {len(classes):,} distinct values, expected at most {MAX_CLASSES} classes; "
                "task: regression learns numbers"
            )
        place = {text: number for number, text in enumerate(classes)}
        truth = np.array([place[text] for text in target.cast(pl.String).to_list()], dtype=np.float64)
        return ("binary" if len(classes) == 2 else "multiclass"), truth, classes
    if not (target.dtype.is_numeric() or target.dtype == pl.Boolean):
        raise DataError(f"target {name!r} is {target.dtype}; task {recipe.task} expects a number")
    truth = target.cast(pl.Float64).to_numpy()
    if np.ptp(truth) == 0:
        raise DataError(f"target {name!r} is {truth[0]:g} in all rows; there is nothing to learn")
    if isinstance(recipe, RankingRecipe):
        if ((truth % 1 != 0) | (truth < 0) | (truth > MAX_GRADE)).any():
            raise DataError(f"target {name!r}: expected grades, whole numbers from 0 to {MAX_GRADE}")
        return "ranking", truth, ()
    return "regression", truth, ()


def _class_names(target: pl.Series) -> list[str]:
    """In the order of the values: 2 before 10."""
    return target.unique().sort().cast(pl.String).to_list()


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
