"""Rows set apart: a test part that is judged once, and the folds of cross-validation before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes import RankingRecipe, TabularRecipe
from hotshelf_trainer.table.parts import moment_at, set_apart, times_of
from hotshelf_trainer.table.rows import Indices
from hotshelf_trainer.tabular.examples import Examples


@dataclass(frozen=True, slots=True)
class Split:
    """``learning`` are all rows before the test; the folds are made of them."""

    kind: str
    learning: Indices
    test: Indices
    folds: Sequence[Fold]


def kind_of(recipe: TabularRecipe) -> str:
    """The kind of split that a recipe asks for, or that its columns and task suggest."""
    if recipe.split.kind is not None:
        return recipe.split.kind
    if recipe.time is not None:
        return "time"
    if isinstance(recipe, RankingRecipe) or recipe.group is not None:
        return "group"
    return "stratified" if recipe.task == "classification" else "random"


def split(examples: Examples, recipe: TabularRecipe) -> Split:
    """Raises ``DataError`` where there are too few rows, groups, times or rows of a class."""
    kind = kind_of(recipe)
    _check_enough(examples, recipe, kind)
    learning, test = _apart(examples, recipe, kind)
    folds = folds_of(examples, learning, recipe, kind)
    for fold in folds:
        _check_classes(examples, fold)
    return Split(kind, learning, test, folds)


def folds_of(examples: Examples, rows: Indices, recipe: TabularRecipe, kind: str) -> list[Fold]:
    """The folds of some rows. By time they are a rolling origin: each is taught by all that was before it."""
    count, seed = recipe.split.folds, recipe.seed
    if kind == "time":
        return _rolling(examples, rows, count)
    stratified = kind.startswith("stratified")
    splitter = {
        "group": lambda: GroupKFold(count, shuffle=True, random_state=seed),
        "stratified": lambda: StratifiedKFold(count, shuffle=True, random_state=seed),
        "stratified_group": lambda: StratifiedGroupKFold(count, shuffle=True, random_state=seed),
        "random": lambda: KFold(count, shuffle=True, random_state=seed),
    }[kind]()
    target = examples.truth[rows] if stratified else None
    groups = examples.groups[rows] if "group" in kind else None
    return [Fold(rows[train], rows[validation]) for train, validation in splitter.split(rows[:, None], target, groups)]


def _apart(examples: Examples, recipe: TabularRecipe, kind: str) -> tuple[Indices, Indices]:
    share, seed = recipe.split.test, recipe.seed
    if not kind.startswith("stratified"):
        return set_apart(examples, kind, share, seed)
    rows = np.arange(len(examples))
    splitter = {
        "stratified": lambda: StratifiedShuffleSplit(1, test_size=share, random_state=seed),
        "stratified_group": lambda: StratifiedGroupKFold(max(2, round(1 / share)), shuffle=True, random_state=seed),
    }[kind]()
    groups = examples.groups if "group" in kind else None
    learning, test = next(iter(splitter.split(rows[:, None], examples.truth, groups)))
    return np.sort(learning), np.sort(test)


def _rolling(examples: Examples, rows: Indices, count: int) -> list[Fold]:
    """Cuts at even shares of the rows: the first share only teaches, and each later one is foretold by all before."""
    time = times_of(examples)
    cuts = [moment_at(time[rows], (number + 1) / (count + 1)) for number in range(count)] + [np.inf]
    own = time[rows]
    return [
        Fold(rows[own < begin], rows[(own >= begin) & (own < end)])
        for begin, end in pairwise(cuts)
        if ((own >= begin) & (own < end)).any() and (own < begin).any()
    ]


def _check_enough(examples: Examples, recipe: TabularRecipe, kind: str) -> None:
    least = 2 * (recipe.split.folds + 1)
    if kind == "time":
        least = recipe.split.folds + 2
        found, what = len(np.unique(times_of(examples))), "distinct times"
    elif "group" in kind:
        found, what = len(np.unique(examples.groups)), "groups"
    else:
        found, what = len(examples), "rows"
    if found < least:
        raise DataError(f"{found} {what}, expected at least {least} for a test part and {recipe.split.folds} folds")
    if kind.startswith("stratified"):
        counts = np.bincount(examples.truth.astype(np.int64))
        rare = int(counts.argmin())
        if counts[rare] < recipe.split.folds + 1:
            name = examples.classes[rare] if examples.classes else str(rare)
            raise DataError(
                f"class {name!r} has {counts[rare]} rows, expected at least {recipe.split.folds + 1}: one for each "
                "fold and the test part (split.folds)"
            )


def _check_classes(examples: Examples, fold: Fold) -> None:
    if examples.classes and len(np.unique(examples.truth[fold.train])) < len(examples.classes):
        raise DataError(
            "a fold is taught by rows that lack one of the classes; expected all of them in each: "
            "use fewer folds (split.folds), or more data"
        )
