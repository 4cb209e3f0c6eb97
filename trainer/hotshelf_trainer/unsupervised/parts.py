"""The rows to learn from and the rows to judge by, and whether anything can be learned from them."""

import numpy as np

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes import UnsupervisedRecipe
from hotshelf_trainer.table.parts import set_apart
from hotshelf_trainer.table.rows import Indices, Rows

LEAST_LEARNED, LEAST_JUDGED = 20, 5
"""Rows, and of rows that aren't independent groups: fewer say nothing of others."""


def kind_of(recipe: UnsupervisedRecipe) -> str:
    """The kind of split that a recipe asks for, or that its columns suggest."""
    if recipe.split.kind is not None:
        return recipe.split.kind
    if recipe.time is not None:
        return "time"
    return "random" if recipe.group is None else "group"


def parts_of(rows: Rows, recipe: UnsupervisedRecipe) -> tuple[Indices, Indices]:
    """Learning and test. Raises ``DataError`` for too few rows, and for a column that says nothing where it teaches."""
    kind = kind_of(recipe)
    if kind == "time" and rows.time is not None and len(np.unique(rows.time)) < 2:
        raise DataError(
            f"column {recipe.time!r} (recipe key time) is the same in all rows; expected at least two times"
        )
    _refuse_few(len(np.unique(rows.groups)), LEAST_LEARNED + LEAST_JUDGED, "in all")
    learning, test = set_apart(rows, kind, recipe.split.test, recipe.seed)
    _refuse_few(len(np.unique(rows.groups[learning])), LEAST_LEARNED, "to learn from")
    _refuse_few(len(np.unique(rows.groups[test])), LEAST_JUDGED, "to judge by (split.test)")
    for name in rows.roles.features:
        _refuse_constant(rows, learning, name)
    return learning, test


def _refuse_few(found: int, least: int, where: str) -> None:
    if found < least:
        raise DataError(f"{found} rows {where}, rows of one group counted once; expected at least {least}")


def _refuse_constant(rows: Rows, learning: Indices, name: str) -> None:
    """Nothing can be scaled by it, and a later row that differs in it would outweigh all else."""
    values = rows.frame[name].iloc[learning]
    missing = values == "" if name in rows.roles.categorical else values.isna()
    known = values[~missing]
    if not len(known):
        raise DataError(f"column {name!r} is missing in all rows to learn from: name it in features.drop")
    if known.nunique() == 1 and (not missing.any() or name in rows.roles.numeric):
        raise DataError(f"column {name!r} is {known.iloc[0]} in all rows to learn from: name it in features.drop")
