"""What the model's answers tell: which features they go by, and whom they fail."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hotshelf_trainer.diagnosis.importance import Dependence, Gain, Permuted, dependence, gains, grid_of, permuted
from hotshelf_trainer.diagnosis.metrics import METRICS
from hotshelf_trainer.diagnosis.sample import Doubles, Indices, Predictions
from hotshelf_trainer.diagnosis.segments import Segment, segments
from hotshelf_trainer.tabular.subject import Subject

MAX_DEPENDENCES = 6
MAX_ROWS = 1_000
"""Rows that a partial dependence is the mean of."""
MAX_CATEGORIES = 12
MAX_SEGMENTED = 3
"""Features whose values make segments where the recipe names none."""
SHOWN_SEGMENTS = 8


def shuffled(subject: Subject, repeats: int) -> tuple[Permuted, ...]:
    """What shuffling each feature costs on the test part, most first."""
    examples = subject.learner.examples

    def shuffle(columns: Sequence[str], rows: Indices, rng: np.random.Generator) -> Predictions:
        frame = examples.frame.iloc[rows].reset_index(drop=True)
        order = rng.permutation(len(frame))
        return subject.fitted.model.predict(frame.assign(**{name: frame[name].to_numpy()[order] for name in columns}))

    each = {name: (name,) for name in examples.roles.features}
    return permuted(
        subject.metric, subject.test, subject.split.test, each, shuffle=shuffle, repeats=repeats, seed=subject.seed
    )


def gained(subject: Subject) -> tuple[Gain, ...]:
    """What each feature is worth by the model's own account; empty where it gives none."""
    own = subject.fitted.model.gain()
    return () if own is None else gains(subject.learner.examples.roles.features, own.tolist())


def dependences(subject: Subject, importance: Sequence[Permuted]) -> tuple[Dependence, ...]:
    """What is said along each of the features that matter most: of the last class where there are classes."""
    frame = subject.learner.examples.frame
    some = np.random.default_rng(subject.seed).permutation(subject.split.test)[:MAX_ROWS]

    def fixed(column: str, value: float | str, rows: Indices) -> Predictions:
        said = subject.fitted.model.predict(frame.iloc[rows].assign(**{column: value}))
        return said[:, -1] if said.ndim == 2 else said

    names = [one.name for one in importance if one.loss.value > 0][:MAX_DEPENDENCES]
    grids = {name: _grid(frame[name]) for name in names}
    return tuple(dependence(name, grid, some, fixed) for name, grid in grids.items() if grid)


def segmented(subject: Subject) -> tuple[tuple[str, tuple[Segment, ...]], ...]:
    """The test part's scores by the values of some columns: those that the gate guards, else the first categories."""
    examples, rows = subject.learner.examples, subject.split.test
    metrics = [metric for metric in METRICS[examples.task] if metric.name == subject.metric.name]
    columns = {name: examples.segments[name] for name in examples.roles.segments} or {
        name: examples.frame[name] for name in examples.roles.categorical[:MAX_SEGMENTED]
    }
    return tuple(
        (
            name,
            segments(
                metrics, subject.test, values.to_numpy()[rows].astype(str), largest=SHOWN_SEGMENTS, seed=subject.seed
            ),
        )
        for name, values in columns.items()
    )


def _grid(column: "pd.Series[float] | pd.Series[str]") -> Sequence[float | str]:
    """Values to hold a feature at: quantiles of a number's, the most frequent of categories."""
    if column.dtype == object:
        return [str(value) for value in column[column != ""].value_counts().index[:MAX_CATEGORIES]]
    numbers: Doubles = column.to_numpy(dtype=np.float64)
    return grid_of(numbers) if np.isfinite(numbers).any() else ()
