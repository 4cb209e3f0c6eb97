"""The part of the rows that is set apart and judged once."""

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.table.rows import Indices, Rows


def set_apart(rows: Rows, kind: str, share: float, seed: int) -> tuple[Indices, Indices]:
    """Rows to learn from and rows to judge by, each in order. ``kind``: time, group or random.

    ``share``: of the rows, or of the groups, that are judged; by time, those that were known last.
    """
    places = np.arange(len(rows))
    if kind == "time":
        time = times_of(rows)
        cut = moment_at(time, 1 - share)
        return np.flatnonzero(time < cut), np.flatnonzero(time >= cut)
    splitter = {"group": GroupShuffleSplit, "random": ShuffleSplit}[kind](1, test_size=share, random_state=seed)
    learning, judged = next(iter(splitter.split(places[:, None], groups=rows.groups if kind == "group" else None)))
    return np.sort(learning), np.sort(judged)


def moment_at(time: npt.NDArray[np.float64], share: float) -> float:
    """A moment before which about a share of the rows were known; rows of one moment stay together."""
    ordered = np.sort(time)
    return float(ordered[min(int(share * len(ordered)), len(ordered) - 1)])


def times_of(rows: Rows) -> npt.NDArray[np.float64]:
    """[n] when each row was known. Raises ``DataError`` where the recipe names no time."""
    if rows.time is None:
        raise DataError("a split by time needs the key time in the recipe")
    return rows.time
