"""Scores with intervals, by drawing whole groups with replacement (Efron 1979; Field and Welsh 2007 for groups).

Rows of one group depend on each other, so that drawing rows would make intervals too narrow. How often each group was
drawn weighs its rows. All models that are judged together share their draws, which is what makes their differences
paired.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hotshelf_trainer.bootstrap import times_drawn
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Doubles, Predictions, Sample
from hotshelf_trainer.errors import DataError

RESAMPLES = 1_000
CHUNK = 2_000_000
"""Weights at a time: 16 MB."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its two-sided 95 % percentile interval and one-sided 95 % bounds; NaN where it isn't defined."""

    value: float
    low: float
    high: float
    least: float
    """95 % of the resamples are at or above it."""
    most: float
    """95 % of the resamples are at or below it."""
    groups: int
    resamples: int
    """Those on which it was defined; the rest were left out."""
    undefined: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the two-sided interval lies on one side of 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Draws:
    """The scores of several models on the rows as they are, and on resamples that they share."""

    values: Doubles
    """[models]"""
    resampled: Doubles
    """[resamples, models]; NaN where undefined."""
    groups: int

    def estimate(self, model: int = 0) -> Estimate:
        """Of one model's score."""
        return summarised(float(self.values[model]), self.resampled[:, model], self.groups)

    def difference(self, model: int, other: int) -> Estimate:
        """Of one model's score less the other's."""
        value = float(self.values[model] - self.values[other])
        return summarised(value, self.resampled[:, model] - self.resampled[:, other], self.groups)


def drawn(metric: Metric, samples: Sequence[Sample], resamples: int = RESAMPLES, seed: int = 0) -> Draws:
    """Judge several models' predictions of the same rows.

    With fewer than two groups nothing can be said of chance, and every resample is undefined. Raises ``DataError``
    where the samples aren't of the same rows.
    """
    for sample in samples[1:]:
        if not _same_rows(sample, samples[0]):
            raise DataError("models can be compared on the same rows alone: same truth, in the same groups")
    count, groups = _numbered(samples[0])
    scores = [metric.prepare(sample, groups) for sample in samples]
    values = np.array([score(np.ones((1, count)))[0] for score in scores])
    if count < 2:
        return Draws(values, np.full((resamples, len(samples)), np.nan), count)
    rng = np.random.default_rng(seed)
    step = max(1, CHUNK // len(groups))
    parts = []
    for first in range(0, resamples, step):
        times = times_drawn(rng, min(step, resamples - first), count)
        parts.append(np.column_stack([score(times) for score in scores]))
    return Draws(values, np.concatenate(parts), count)


def score(metric: Metric, sample: Sample, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """One model's score on one sample."""
    return drawn(metric, [sample], resamples, seed).estimate()


def difference(
    metric: Metric, sample: Sample, other: Predictions, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """The sample's score less that of other predictions of the same rows, paired by group."""
    return drawn(metric, [sample, sample.predicted(other)], resamples, seed).difference(0, 1)


def summarised(value: float, resampled: Doubles, groups: int) -> Estimate:
    """Percentiles of the resamples [resamples] that are numbers."""
    known = resampled[~np.isnan(resampled)]
    low, least, most, high = np.quantile(known, (0.025, 0.05, 0.95, 0.975)) if len(known) else [np.nan] * 4
    return Estimate(
        value, float(low), float(high), float(least), float(most), groups, len(known), len(resampled) - len(known)
    )


def _same_rows(one: Sample, other: Sample) -> bool:
    return np.array_equal(one.truth, other.truth) and np.array_equal(one.groups, other.groups)


def _numbered(sample: Sample) -> tuple[int, "np.ndarray[tuple[int], np.dtype[np.intp]]"]:
    """How many groups, and each row's as 0..G-1: multiplicities are kept for groups that have rows."""
    known, groups = np.unique(sample.groups, return_inverse=True)
    return len(known), groups.astype(np.intp)
