"""Intervals by resampling customers (Efron 1979): customers are what is independent, their products are not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

CHUNK = 2_000_000
"""Draws at a time: 16 MB of indices."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over customers with its two-sided 95 % percentile interval and its one-sided 95 % lower bound."""

    mean: float
    low: float
    high: float
    bound: float
    """95 % of the resampled means are above it."""


def intervals(values: Doubles, resamples: int, seed: int) -> list[Interval]:
    """Of the mean of each column of ``values`` [customers, columns]; all columns share their resamples.

    Customers that are NaN in the first column (nothing to find) are left out; the others may not be NaN anywhere. For a
    paired comparison pass the differences. Raises ``ValueError`` where no customer is left.
    """
    values = values[~np.isnan(values[:, 0])]
    if not len(values):
        raise ValueError("no customer to resample")
    rng = np.random.default_rng(seed)
    step = max(1, CHUNK // len(values))
    means = np.concatenate(
        [times_drawn(rng, min(step, resamples - first), len(values)) @ values for first in range(0, resamples, step)]
    )
    low, bound, high = np.quantile(means / len(values), (0.025, 0.05, 0.975), axis=0)
    return [Interval(*map(float, row)) for row in zip(values.mean(axis=0), low, high, bound, strict=True)]


def times_drawn(rng: np.random.Generator, resamples: int, customers: int) -> Doubles:
    """[resamples, customers] how many times each was drawn."""
    drawn = rng.integers(0, customers, (resamples, customers))
    drawn += np.arange(resamples)[:, None] * customers
    counts = np.bincount(drawn.ravel(), minlength=resamples * customers)
    return counts.reshape(resamples, customers).astype(np.float64)
