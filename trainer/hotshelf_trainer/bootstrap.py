"""Intervals by resampling customers (Efron 1979): customers are what is independent, their products are not."""

import numpy as np

from hotshelf_trainer.artifacts import Doubles, Interval

CHUNK = 2_000_000
"""Draws at a time: 16 MB of indices."""


def interval(values: Doubles, resamples: int, seed: int) -> Interval:
    """Of the mean of ``values`` [customers]; customers that are NaN (nothing to find) are left out.

    For a paired comparison pass the differences. Raises ``ValueError`` where no customer is left.
    """
    values = values[~np.isnan(values)]
    if not len(values):
        raise ValueError("no customer to resample")
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    step = max(1, CHUNK // len(values))
    for first in range(0, resamples, step):
        count = min(step, resamples - first)
        means[first : first + count] = values[rng.integers(0, len(values), (count, len(values)))].mean(axis=1)
    low, bound, high = np.quantile(means, (0.025, 0.05, 0.975))
    return Interval(float(values.mean()), float(low), float(high), float(bound))
