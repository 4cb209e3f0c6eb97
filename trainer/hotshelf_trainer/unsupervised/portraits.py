"""What the rows of a cluster are like, in the columns' own units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from hotshelf_trainer.unsupervised.figures import Grid

Part = tuple[pd.DataFrame, npt.NDArray[np.int64]]
"""Rows and their clusters."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """One cluster."""

    cluster: int
    train: float
    test: float
    """Shares of the rows that are in it."""
    typical: Mapping[str, float | str]
    """By column, of the rows learned from: the median of numbers, the most frequent category."""


def portraits(train: Part, test: Part) -> tuple[Portrait, ...]:
    """Of every cluster that has rows, largest first."""
    frame, labels = train
    shares = [pd.Series(each).value_counts(normalize=True) for each in (labels, test[1])]
    return tuple(
        Portrait(int(cluster), float(share), float(shares[1].get(cluster, 0.0)), _typical(frame[labels == cluster]))
        for cluster, share in shares[0].items()
    )


def portraits_grid(found: Sequence[Portrait]) -> Grid:
    """One line for each."""
    columns = list(found[0].typical)
    rows = [
        [str(one.cluster), f"{one.train:.1%}", f"{one.test:.1%}", *(in_short(one.typical[name]) for name in columns)]
        for one in found
    ]
    return Grid(
        "Clusters: the median of each column, or its most frequent value", ["cluster", "train", "test", *columns], rows
    )


def in_short(value: float | str) -> str:
    """A value of a table's cell, to four digits."""
    if isinstance(value, str):
        return value or "missing"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _typical(rows: pd.DataFrame) -> Mapping[str, float | str]:
    return {
        name: str(rows[name].mode()[0]) if rows[name].dtype == object else float(rows[name].median())
        for name in rows.columns
    }
