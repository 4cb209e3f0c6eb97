"""Metrics of regression. Truth and predictions are [n] numbers in the target's unit."""

from collections.abc import Callable

import numpy as np

from hotshelf_trainer.diagnosis.sample import Doubles, Sample
from hotshelf_trainer.diagnosis.scoring import Groups, Score, mean_of, of_sums
from hotshelf_trainer.errors import DataError


def errors_of(sample: Sample) -> Doubles:
    """[n] prediction less truth. Raises ``DataError`` where the predictions aren't one number a row."""
    if sample.predictions.ndim != 1:
        raise DataError(f"predictions of shape {sample.predictions.shape}; expected one number for each row")
    return np.asarray(sample.predictions, dtype=np.float64) - np.asarray(sample.truth, dtype=np.float64)


def rmse(sample: Sample, groups: Groups) -> Score:
    """Root of the mean squared error."""
    ones = np.ones(len(sample))
    return of_sums(sample.row_weights, groups, (errors_of(sample) ** 2, ones), lambda sums: np.sqrt(sums[0] / sums[1]))


def mae(sample: Sample, groups: Groups) -> Score:
    """Mean absolute error."""
    return mean_of(sample, groups, np.abs(errors_of(sample)))


def mape(sample: Sample, groups: Groups) -> Score:
    """Mean of the error's share of the truth; undefined where a truth is 0."""
    truth = np.asarray(sample.truth, dtype=np.float64)
    shares = np.divide(np.abs(errors_of(sample)), np.abs(truth), out=np.full(len(truth), np.nan), where=truth != 0)
    return mean_of(sample, groups, shares)


def r2(sample: Sample, groups: Groups) -> Score:
    """1 less the squared error's share of the truth's squared spread; undefined where all truths are equal."""
    truth = np.asarray(sample.truth, dtype=np.float64)
    # The spread comes from sums of squares, which cancel badly far from 0.
    centred = truth - truth.mean()
    columns = (errors_of(sample) ** 2, centred, centred**2, np.ones(len(truth)))

    def finish(sums: Doubles) -> Doubles:
        error, total, squares, weight = sums
        spread = squares - total**2 / weight
        # What rounding leaves of a spread of 0 is no spread.
        return np.where(spread > 1e-12 * squares, 1 - error / spread, np.nan)

    return of_sums(sample.row_weights, groups, columns, finish)


def pinball(quantile: float) -> Callable[[Sample, Groups], Score]:
    """Each unit below the truth costs ``quantile``, each above it the rest to 1."""
    if not 0 < quantile < 1:
        raise DataError(f"quantile {quantile:g}; expected one between 0 and 1")

    def prepare(sample: Sample, groups: Groups) -> Score:
        errors = errors_of(sample)
        return mean_of(sample, groups, np.maximum((1 - quantile) * errors, -quantile * errors))

    return prepare
