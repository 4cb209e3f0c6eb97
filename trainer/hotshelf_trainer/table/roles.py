"""Which column of a table is what: the recipe's words held to the columns that are there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.table import TableRecipe

MAX_CATEGORIES = 1000
"""More distinct values than that are names of things and not categories of them."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Columns by what they are for."""

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    target: str | None = None
    id: str | None = None
    time: str | None = None
    group: str | None = None
    segments: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Columns beside the features that every row has a value in."""
        return tuple(name for name in (self.target, self.time, self.group) if name is not None)

    @property
    def features(self) -> tuple[str, ...]:
        """All that is learned from, numbers first: the order of the columns that a model sees."""
        return self.numeric + self.categorical


def roles_of(table: pl.DataFrame, recipe: TableRecipe) -> Roles:
    """Hold the recipe to the table. Raises ``DataError`` naming a column that isn't there, or can't be learned from."""
    features, apart = recipe.features, set(recipe.roles.values())
    named: dict[str, Sequence[str]] = {key: [column] for key, column in recipe.roles.items()}
    named |= {"features.numeric": features.numeric, "features.categorical": features.categorical}
    named |= {"features.drop": features.drop, "gate.segments": recipe.segments}
    for key, columns in named.items():
        _require(table, key, columns)
    numeric, categorical = list(features.numeric), list(features.categorical)
    if both := set(numeric) & set(categorical):
        raise DataError(f"features: {min(both)!r} is named as numeric and as categorical; keep one")
    if learned := apart & {*numeric, *categorical}:
        raise DataError(f"features: {min(learned)!r} is the {_listed(recipe.roles)}, and can't be learned from")
    taken = {*numeric, *categorical, *apart, *features.drop}
    for name in [] if features.only_named else table.columns:
        if name not in taken:
            (numeric if _is_number(table, name) else categorical).append(name)
    for name in categorical:
        _check_categories(table, name)
    if not numeric and not categorical:
        raise DataError(f"no column is left to learn from; present: {', '.join(table.columns)}")
    return Roles(tuple(numeric), tuple(categorical), segments=recipe.segments, **recipe.roles)


def _listed(roles: Iterable[str]) -> str:
    *others, last = roles
    return f"{', '.join(others)} or {last}" if others else last


def _require(table: pl.DataFrame, key: str, names: Iterable[str]) -> None:
    for name in names:
        if name in table.columns:
            continue
        close: Sequence[str] = get_close_matches(name, table.columns, n=1, cutoff=0.5)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise DataError(f"no column {name!r} (recipe key {key}){hint} Present: {', '.join(table.columns)}")


def _is_number(table: pl.DataFrame, name: str) -> bool:
    dtype = table.schema[name]
    if dtype.is_numeric() or dtype == pl.Boolean:
        return True
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return False
    raise DataError(f"column {name!r} is {dtype}, neither number nor text: name it in features.drop, or as time")


def _check_categories(table: pl.DataFrame, name: str) -> None:
    distinct = table[name].n_unique()
    if distinct > MAX_CATEGORIES:
        raise DataError(
            f"column {name!r} has {distinct:,} distinct values, expected at most {MAX_CATEGORIES:,} categories: "
            "name it in features.drop, or as id or group"
        )
