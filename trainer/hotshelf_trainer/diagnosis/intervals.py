"""Scores with intervals, by drawing whole groups with replacement (Efron 1979; Field and Welsh 2007 for groups).

Rows of one group depend on each other, so that drawing rows would make intervals too narrow. How often each group was
drawn weighs its rows. All models that are judged together share their draws, which is what makes their differences
paired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from hotshelf_trainer.bootstrap import times_drawn
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Doubles, Predictions, Sample
from hotshelf_trainer.diagnosis.scoring import Score
from hotshelf_trainer.errors import DataError

RESAMPLES = 1_000
FEWEST_RESAMPLES = 200
CHUNK = 2_000_000
"""Weights at a time: 16 MB."""
WORK = 100_000_000
"""Weights in all, a few seconds' worth: with more than 100,000 rows there are fewer resamples, down to 200."""


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
    """Judge several models' predictions of the same rows by one metric; ``drawn_by`` tells the rest."""
    return drawn_by([metric], samples, resamples, seed)[0]


def drawn_by(
    metrics: Sequence[Metric], samples: Sequence[Sample], resamples: int = RESAMPLES, seed: int = 0
) -> list[Draws]:
    """Judge several models' predictions of the same rows by several metrics, all on the same draws.

    With fewer than two groups nothing can be said of chance, and every resample is undefined. Raises ``DataError``
    where the samples aren't of the same rows.
    """
    for sample in samples[1:]:
        if not _same_rows(sample, samples[0]):
            raise DataError("models can be compared on the same rows alone: same truth, in the same groups")
    count, groups = _numbered(samples[0])
    scores = [metric.prepare(sample, groups) for metric in metrics for sample in samples]
    values = np.concatenate([one(np.ones((1, count))) for one in scores])
    resampled = _resampled(scores, count, len(groups), resamples, seed)
    places = [slice(first, first + len(samples)) for first in range(0, len(scores), len(samples))]
    return [Draws(values[place], resampled[:, place], count) for place in places]


def _resampled(scores: Sequence[Score], count: int, rows: int, resamples: int, seed: int) -> Doubles:
    """[resamples, scores] on draws of ``count`` groups."""
    resamples = max(min(resamples, WORK // rows), min(resamples, FEWEST_RESAMPLES))
    if count < 2:
        return np.full((resamples, len(scores)), np.nan)
    rng = np.random.default_rng(seed)
    step = max(1, CHUNK // rows)
    parts = []
    for first in range(0, resamples, step):
        times = times_drawn(rng, min(step, resamples - first), count)
        parts.append(np.column_stack([one(times) for one in scores]))
    return np.concatenate(parts)


def drawn_means(scores: Doubles, resamples: int = RESAMPLES, seed: int = 0) -> Draws:
    """Means of scores [groups, models] that each group has already; no NaN.

    Of folds there are too few to draw from: five have an interval that is too narrow by a tenth and more.
    """
    count = len(scores)
    means = [partial(_mean, own) for own in scores.T]
    return Draws(scores.mean(axis=0), _resampled(means, count, count, resamples, seed), count)


def score(metric: Metric, sample: Sample, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """One model's score on one sample."""
    return drawn(metric, [sample], resamples, seed).estimate()


def difference(
    metric: Metric, sample: Sample, other: Predictions, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """The sample's score less that of other predictions of the same rows, paired by group."""
    return drawn(metric, [sample, sample.predicted(other)], resamples, seed).difference(0, 1)


def between(one: Draws, other: Draws, model: int, sign: float = 1.0) -> Estimate:
    """Of a model's score on some rows less that on others; paired where both are of the same groups by the same seed.

    ``sign`` -1 turns the difference round. Of the resamples, of which large samples have fewer, those that both have
    count.
    """
    count = min(len(one.resampled), len(other.resampled))
    resampled = one.resampled[:count, model] - other.resampled[:count, model]
    value = float(one.values[model] - other.values[model])
    return summarised(sign * value, sign * resampled, min(one.groups, other.groups))


def summarised(value: float, resampled: Doubles, groups: int) -> Estimate:
    """Percentiles of the resamples [resamples] that are numbers."""
    known = resampled[~np.isnan(resampled)]
    low, least, most, high = np.quantile(known, (0.025, 0.05, 0.95, 0.975)) if len(known) else [np.nan] * 4
    return Estimate(
        value, float(low), float(high), float(least), float(most), groups, len(known), len(resampled) - len(known)
    )


def _mean(scores: Doubles, times: Doubles) -> Doubles:
    return times @ scores / len(scores)


def _same_rows(one: Sample, other: Sample) -> bool:
    return np.array_equal(one.truth, other.truth) and np.array_equal(one.groups, other.groups)


def _numbered(sample: Sample) -> tuple[int, "np.ndarray[tuple[int], np.dtype[np.intp]]"]:
    """How many groups, and each row's as 0..G-1: multiplicities are kept for groups that have rows."""
    known, groups = np.unique(sample.groups, return_inverse=True)
    return len(known), groups.astype(np.intp)
