"""From a recipe to the rows that keep the contract."""

from dataclasses import dataclass

import polars as pl

from hotshelf_trainer.recipes.table import TableRecipe
from hotshelf_trainer.table.contract import Checked, check
from hotshelf_trainer.table.leak_test import leak_test
from hotshelf_trainer.table.reading import Share, read_table, rows_before
from hotshelf_trainer.table.roles import Roles, roles_of
from hotshelf_trainer.table.rows import Indices, Rows
from hotshelf_trainer.verdict import Check


@dataclass(frozen=True, slots=True)
class Taken:
    """A table as it was read, and its rows by the contract."""

    table: pl.DataFrame
    roles: Roles
    checked: Checked

    @property
    def features(self) -> pl.DataFrame:
        """Of the rows that are kept."""
        return self.checked.kept.select(self.roles.features)


def take(recipe: TableRecipe, share: Share | None = None) -> Taken:
    """Read all or a share, and hold it to the recipe. Raises ``DataError`` for what can't be learned from."""
    table = read_table(recipe.data, share=share)
    roles = roles_of(table, recipe)
    if recipe.data.until is not None and roles.time is not None:
        table = rows_before(table, roles.time, recipe.data.until)
    return Taken(table, roles, check(table, roles, max_bad_share=recipe.data.max_bad_share))


def asked_again(taken: Taken, recipe: TableRecipe, rows: Rows, test: Indices) -> tuple[Check, ...]:
    """Whether features know the future, by a query without the test's time; empty where nothing tells the time."""
    if rows.moments is None or not recipe.data.times:
        return ()
    return (leak_test(taken.table, recipe.data, taken.roles, rows.moments[test].min()),)
