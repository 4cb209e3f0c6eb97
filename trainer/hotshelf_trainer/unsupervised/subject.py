"""What a training without a target learns from, and how its rows are drawn, shuffled and fitted again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from hotshelf_trainer.diagnosis.crossing import rows_of_groups
from hotshelf_trainer.table.rows import Indices, Rows
from hotshelf_trainer.unsupervised.learner import Fitted, Learner

MOST_LEARNED = 20_000
"""Rows that a model is fitted on which is only looked at, and not published."""
MOST_JUDGED = 5_000
"""Rows of a part that are judged: a silhouette compares all pairs, 200 MB of distances."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Rows, the part to learn from and the part to judge by, each in order and without the other's rows."""

    rows: Rows
    learning: Indices
    test: Indices
    learner: Learner

    @property
    def seed(self) -> int:
        """The training's."""
        return self.learner.recipe.seed

    def frame(self, rows: Indices) -> pd.DataFrame:
        """The features of rows, numbered from 0."""
        return self.rows.frame.iloc[rows].reset_index(drop=True)

    def groups(self, rows: Indices) -> npt.NDArray[np.int64]:
        """[n] whose rows they are."""
        return self.rows.groups[rows]

    def sampled(self, rows: Indices, most: int) -> Indices:
        """At most so many of the rows, in order, always the same ones."""
        if len(rows) <= most:
            return rows
        return np.sort(np.random.default_rng([self.seed, most]).choice(rows, most, replace=False))

    @property
    def judged(self) -> Indices:
        """The test rows that are looked at."""
        return self.sampled(self.test, MOST_JUDGED)

    @property
    def shown(self) -> Indices:
        """The rows learned from that are looked at beside them."""
        return self.sampled(self.learning, MOST_JUDGED)

    def again(self, size: int | None, times: int) -> Iterator[Fitted]:
        """Models that learned from drawn groups (Efron 1979), as other rows of the same kind would have given."""
        learning = self.sampled(self.learning, MOST_LEARNED)
        groups = np.unique(self.rows.groups[learning])
        for number in range(times):
            drawn = np.random.default_rng([self.seed, number]).choice(groups, len(groups))
            yield self.learner.fit(self.frame(rows_of_groups(self.rows.groups, learning, drawn)), size)

    def by_chance(self, size: int | None, times: int) -> Iterator[tuple[Fitted, pd.DataFrame, pd.DataFrame]]:
        """Models of rows whose columns were shuffled, with these rows, and test rows that were shuffled so."""
        learning, judged = self.frame(self.sampled(self.learning, MOST_LEARNED)), self.frame(self.judged)
        for number in range(times):
            rng = np.random.default_rng([self.seed, number])
            seen = shuffled(learning, rng)
            yield self.learner.fit(seen, size), seen, shuffled(judged, rng)


def shuffled(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Each column in an order of its own: the same values, but nothing goes together."""
    return _with(frame, {name: frame[name].to_numpy()[rng.permutation(len(frame))] for name in frame.columns})


def planted(frame: pd.DataFrame, known: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The rows with a third of their values, one at least, drawn from anywhere in the range of the known rows."""
    changed = max(1, len(frame.columns) // 3)
    places = rng.random(frame.shape).argsort(axis=1) < changed
    drawn = {name: _anywhere(known[name], len(frame), rng) for name in frame.columns}
    values = {name: frame[name].to_numpy() for name in frame.columns}
    return _with(frame, {name: np.where(places[:, n], drawn[name], values[name]) for n, name in enumerate(values)})


def _with(frame: pd.DataFrame, columns: Mapping[str, npt.NDArray[np.generic]]) -> pd.DataFrame:
    """The frame with other values in its columns, whose types stay: pandas would guess new ones for texts."""
    kept = {name: pd.Series(values, index=frame.index, dtype=frame[name].dtype) for name, values in columns.items()}
    return frame.assign(**kept)


def _anywhere(known: "pd.Series[float]", rows: int, rng: np.random.Generator) -> npt.NDArray[np.generic]:
    """Numbers evenly between the least and the largest, or any of the categories with equal chances."""
    if known.dtype == object:
        return rng.choice(np.unique(known.to_numpy().astype(str)), rows).astype(object)
    values = known.to_numpy()
    return rng.uniform(np.nanmin(values), np.nanmax(values), rows)
