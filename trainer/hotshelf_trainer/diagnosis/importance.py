"""What a model goes by: gain, permutation importance (Breiman 2001) and partial dependence (Friedman 2001)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hotshelf_trainer.diagnosis.intervals import RESAMPLES, Estimate, drawn, summarised
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Doubles, Indices, Predictions, Sample
from hotshelf_trainer.errors import DataError


class Shuffle(Protocol):
    """Predicts rows after some columns were shuffled together among them."""

    def __call__(self, columns: Sequence[str], rows: Indices, rng: np.random.Generator, /) -> Predictions:
        """Draw one permutation from ``rng`` and use it for all the columns."""
        ...


class Fixed(Protocol):
    """Predicts rows as if a column had one value everywhere."""

    def __call__(self, column: str, value: float | str, rows: Indices, /) -> Predictions:
        """[n] predictions, of one class where there are several."""
        ...


@dataclass(frozen=True, slots=True)
class Gain:
    """Share of all splits' gain that a column's have."""

    column: str
    share: float


@dataclass(frozen=True, slots=True)
class Permuted:
    """How much worse the score gets without what a group of columns tells; above 0 it tells something."""

    name: str
    columns: tuple[str, ...]
    loss: Estimate
    """Mean over repeats; the interval is over groups of rows."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """Predictions along one column, the others as they are."""

    column: str
    values: tuple[float | str, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    """The 10 % quantile over rows at each value."""
    high: tuple[float, ...]
    """The 90 % quantile."""


def gains(columns: Sequence[str], gain: Sequence[float]) -> tuple[Gain, ...]:
    """Most first. All are 0 for a model without a split."""
    total = float(np.sum(gain)) or 1.0
    found = [Gain(column, float(each) / total) for column, each in zip(columns, gain, strict=True)]
    return tuple(sorted(found, key=lambda one: (-one.share, one.column)))


def permuted(
    metric: Metric,
    sample: Sample,
    rows: Indices,
    columns: Mapping[str, Sequence[str]],
    *,
    shuffle: Shuffle,
    repeats: int = 5,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[Permuted, ...]:
    """Most important first. ``columns``: by name, those that tell the same and are shuffled together.

    ``sample`` holds the model's predictions of ``rows``.
    """
    if repeats < 1:
        raise DataError(f"{repeats} repeats of a permutation; expected 1 or more")
    found = []
    for number, (name, those) in enumerate(columns.items()):
        rng = np.random.default_rng([seed, number])
        shuffled = [sample.predicted(shuffle(those, rows, rng)) for _ in range(repeats)]
        draws = drawn(metric, [sample, *shuffled], resamples, seed)
        lost = draws.resampled[:, 0] - draws.resampled[:, 1:].mean(axis=1)
        value = metric.better(float(draws.values[0] - draws.values[1:].mean()))
        found.append(Permuted(name, tuple(those), summarised(value, metric.better(1.0) * lost, draws.groups)))
    return tuple(sorted(found, key=lambda one: (-one.loss.value, one.name)))


def grid_of(values: Doubles, points: int = 20) -> tuple[float, ...]:
    """Distinct quantiles from 5 % to 95 % of a column's finite values: where there are rows to speak of."""
    known = values[np.isfinite(values)]
    if not len(known):
        raise DataError("no finite value to lay a grid over; expected at least one")
    return tuple(map(float, np.unique(np.quantile(known, np.linspace(0.05, 0.95, points)))))


def dependence(column: str, values: Sequence[float | str], rows: Indices, fixed: Fixed) -> Dependence:
    """Partial dependence at each value, over ``rows``."""
    at = [np.asarray(fixed(column, value, rows), dtype=np.float64) for value in values]
    spread = [np.quantile(each, (0.1, 0.9)) for each in at]
    return Dependence(
        column,
        tuple(values),
        tuple(float(each.mean()) for each in at),
        tuple(float(low) for low, _ in spread),
        tuple(float(high) for _, high in spread),
    )
