"""Which columns a fitted estimator knows by name, and whether it needs their names to answer."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

OWN = "sklearn."
"""Modules of estimators whose ways are known: they turn a DataFrame into a matrix before they compute."""

NAMES = "feature_names_in_"
"""The names of the DataFrame's columns that an estimator was fitted on; absent when it was none."""

BY_COLUMN = frozenset({"_sklearn_output_config", "categories_"})
"""What only those have that give DataFrames to the next step, or that encode each column in its own type."""


def names_of(estimator: Any) -> tuple[str, ...]:
    """The columns of the DataFrame that the estimator was fitted on, in their order; none when it was no DataFrame."""
    return tuple(map(str, getattr(estimator, NAMES, ())))


def used_names(estimator: Any) -> tuple[str, ...]:
    """The same without those that a ColumnTransformer drops before anything else sees them."""
    first = entry(estimator)
    if not isinstance(first, ColumnTransformer):
        return names_of(estimator)
    used = {
        name
        for _, transformer, columns in first.transformers_
        if not (isinstance(transformer, str) and transformer == "drop")
        for name in pick(names_of(estimator), columns)
    }
    return tuple(name for name in names_of(estimator) if name in used)


def entry(estimator: Any) -> Any:
    """What the rows meet first: the first step of a pipeline."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[0][1]
    return estimator


def pick(names: tuple[str, ...], columns: Any) -> tuple[str, ...]:
    """The names that a ColumnTransformer's columns mean: names, places, a slice of either, or a mask."""
    if isinstance(columns, str):
        return (columns,)
    if isinstance(columns, slice):
        start, stop = (names.index(end) if isinstance(end, str) else end for end in (columns.start, columns.stop))
        # A slice of names has its last one in it.
        return names[start : stop + 1 if isinstance(columns.stop, str) else stop : columns.step]
    picked = np.atleast_1d(np.asarray(columns))
    if not picked.size:
        return ()
    if picked.dtype.kind in "OUT":
        return tuple(map(str, picked))
    return tuple(str(name) for name in np.asarray(names, dtype=object)[picked])


def needs_names(estimator: Any) -> bool:
    """Whether the answers depend on the columns' names or types, or may: a stranger's estimator may do as it likes."""
    for part in _parts(estimator):
        foreign = hasattr(part, "get_params") and not type(part).__module__.startswith(OWN)
        if foreign or isinstance(part, ColumnTransformer) or not _attributes(part).keys().isdisjoint(BY_COLUMN):
            return True
    return False


def forget_names(estimator: Any) -> None:
    """Make an estimator that doesn't need them one that was fitted on a matrix: it takes matrices without a warning."""
    for part in _parts(estimator):
        _attributes(part).pop(NAMES, None)


def _parts(root: Any) -> Iterator[Any]:
    """The estimator and all that it is made of, each once."""
    waiting, seen = [root], set()
    while waiting:
        part = waiting.pop()
        if id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting += _content(part)


def _content(part: Any) -> list[Any]:
    if isinstance(part, dict):
        return list(part.values())
    if isinstance(part, list | tuple):
        return list(part)
    if isinstance(part, np.ndarray):
        return part.ravel().tolist() if part.dtype == object else []
    return list(_attributes(part).values())


def _attributes(part: Any) -> dict[str, Any]:
    """What an object of scikit-learn holds; nothing of a class or of anybody else's object."""
    if isinstance(part, type) or not type(part).__module__.startswith(OWN):
        return {}
    return getattr(part, "__dict__", {})
