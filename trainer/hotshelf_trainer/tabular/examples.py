"""Examples: a table in the form that estimators take."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from hotshelf_trainer.diagnosis.metrics import Task
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes import ClassificationRecipe, RankingRecipe, TabularRecipe
from hotshelf_trainer.table.roles import Roles
from hotshelf_trainer.table.rows import Rows, in_order, rows_of

MAX_CLASSES = 200
MAX_GRADE = 30
"""Of a ranking's target: LightGBM's gains are powers of 2."""


@dataclass(frozen=True, slots=True)
class Examples(Rows):
    """Rows with a truth to learn."""

    task: Task
    truth: npt.NDArray[np.float64]
    """[n] the number, the grade, or the place of the class in ``classes``."""
    classes: tuple[str, ...]
    segments: pd.DataFrame


def examples_of(
    table: pl.DataFrame, roles: Roles, recipe: TabularRecipe, classes: tuple[str, ...] | None = None
) -> Examples:
    """``classes``: those of the whole table, of which this is a share.

    Raises ``DataError`` for a target that the task can't have.
    """
    table = in_order(table, roles)
    if isinstance(recipe, RankingRecipe):
        table = table.sort(roles.group or "", maintain_order=True)
    task, truth, classes = _truth(table[recipe.target], recipe, classes)
    rows = rows_of(table, roles)
    return Examples(
        roles=roles,
        frame=rows.frame,
        groups=rows.groups,
        time=rows.time,
        moments=rows.moments,
        fingerprint=rows.fingerprint,
        task=task,
        truth=truth,
        classes=classes,
        segments=table.select(pl.col(roles.segments).cast(pl.String).fill_null("")).to_pandas(),
    )


def _truth(
    target: pl.Series, recipe: TabularRecipe, known: tuple[str, ...] | None
) -> tuple[Task, npt.NDArray[np.float64], tuple[str, ...]]:
    name = target.name
    if isinstance(recipe, ClassificationRecipe):
        classes = _classes(target) if known is None else known
        return ("binary" if len(classes) == 2 else "multiclass"), _places(target, classes), classes
    if not (target.dtype.is_numeric() or target.dtype == pl.Boolean):
        raise DataError(f"target {name!r} is {target.dtype}; task {recipe.task} expects a number")
    truth = target.cast(pl.Float64).to_numpy()
    if known is None and np.ptp(truth) == 0:
        raise DataError(f"target {name!r} is {truth[0]:g} in all rows; there is nothing to learn")
    if isinstance(recipe, RankingRecipe):
        if ((truth % 1 != 0) | (truth < 0) | (truth > MAX_GRADE)).any():
            raise DataError(f"target {name!r}: expected grades, whole numbers from 0 to {MAX_GRADE}")
        return "ranking", truth, ()
    return "regression", truth, ()


def _classes(target: pl.Series) -> tuple[str, ...]:
    classes = tuple(_class_names(target))
    if len(classes) < 2:
        raise DataError(f"target {target.name!r} has one class ({classes[0]!r}) in all rows; expected at least two")
    if len(classes) > MAX_CLASSES:
        raise DataError(
            f"target {target.name!r} has {len(classes):,} distinct values, expected at most {MAX_CLASSES} classes; "
            "task: regression learns numbers"
        )
    return classes


def _places(target: pl.Series, classes: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """[n] the place of each row's class."""
    place = {text: number for number, text in enumerate(classes)}
    if strange := set(_class_names(target)) - place.keys():
        raise DataError(
            f"target {target.name!r}: class {min(strange)!r} is in no row of the sample, which should have them all; "
            "raise estimator.distributed.sample"
        )
    return np.array([place[text] for text in target.cast(pl.String).to_list()], dtype=np.float64)


def _class_names(target: pl.Series) -> list[str]:
    """In the order of the values: 2 before 10."""
    return target.unique().sort().cast(pl.String).to_list()
