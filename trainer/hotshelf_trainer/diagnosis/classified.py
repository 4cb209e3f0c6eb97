"""Metrics of classification.

Truth is class numbers from 0; predictions are [n] probabilities of class 1, or [n, classes].
"""

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.diagnosis.sample import Doubles, Sample
from hotshelf_trainer.diagnosis.scoring import Groups, Score, mean_of, of_ranks, of_sums
from hotshelf_trainer.errors import DataError


def probabilities(sample: Sample) -> Doubles:
    """[n, classes], of binary predictions too.

    Raises ``DataError`` where a prediction isn't in 0..1 or the truth isn't a class's number.
    """
    given = np.asarray(sample.predictions, dtype=np.float64)
    if given.min() < 0 or given.max() > 1:
        raise DataError(f"predictions from {given.min():g} to {given.max():g}; expected probabilities, from 0 to 1")
    table = np.column_stack([1 - given, given]) if given.ndim == 1 else given
    truth = sample.truth
    if truth.min() < 0 or truth.max() >= table.shape[1] or not np.array_equal(truth, classes_of(sample)):
        raise DataError(f"truth from {truth.min()} to {truth.max()}; expected classes 0 to {table.shape[1] - 1}")
    return table


def classes_of(sample: Sample) -> npt.NDArray[np.int64]:
    """[n] the true classes."""
    return np.asarray(sample.truth, dtype=np.int64)


def decided(sample: Sample) -> npt.NDArray[np.int64]:
    """[n] the most probable class; of equals the first."""
    return np.asarray(probabilities(sample).argmax(axis=1), dtype=np.int64)


def log_loss(sample: Sample, groups: Groups) -> Score:
    """Mean of -log of the true class's share; probabilities are kept off 0 by the float64 epsilon."""
    table = probabilities(sample)
    share = table[np.arange(len(sample)), classes_of(sample)] / table.sum(axis=1)
    tiny = np.finfo(np.float64).eps
    return mean_of(sample, groups, -np.log(np.clip(share, tiny, 1 - tiny)))


def brier(sample: Sample, groups: Groups) -> Score:
    """Mean squared error of the probability of class 1 (Brier 1950)."""
    return mean_of(sample, groups, (_positive_share(sample) - classes_of(sample)) ** 2)


def accuracy(sample: Sample, groups: Groups) -> Score:
    """Share of rows whose most probable class is the true one."""
    return mean_of(sample, groups, (decided(sample) == classes_of(sample)).astype(np.float64))


def f1(sample: Sample, groups: Groups) -> Score:
    """Harmonic mean of precision and recall of class 1; undefined where nobody is of it or said to be."""
    said, true = decided(sample) == 1, classes_of(sample) == 1
    return of_sums(
        sample.row_weights, groups, (said & true, said, true), lambda sums: 2 * sums[0] / (sums[1] + sums[2])
    )


def macro_f1(sample: Sample, groups: Groups) -> Score:
    """Mean over classes of their F1; a class that no row is of or said to be isn't counted."""
    said, true = decided(sample), classes_of(sample)
    each = range(probabilities(sample).shape[1])
    columns = [column for one in each for column in ((said == one) & (true == one), said == one, true == one)]

    def finish(sums: Doubles) -> Doubles:
        hits, those_said, those_true = sums[0::3], sums[1::3], sums[2::3]
        counts = those_said + those_true
        present = counts > 0
        values = np.divide(2 * hits, counts, out=np.zeros_like(hits), where=present)
        return np.asarray(values.sum(axis=0) / present.sum(axis=0))

    return of_sums(sample.row_weights, groups, columns, finish)


def roc_auc(sample: Sample, groups: Groups) -> Score:
    """The chance that a row of class 1 is scored above one of class 0, ties counting half; any numbers are scores."""
    return _auc_of_class(sample, groups, 1, _positive_score(sample))


def average_precision(sample: Sample, groups: Groups) -> Score:
    """Precision at each distinct score, weighed by the recall won there; undefined without a row of class 1."""

    def finish(hits: Doubles, rest: Doubles) -> Doubles:
        found = hits.cumsum(axis=1)
        reached = found + rest.cumsum(axis=1)
        precision = np.divide(found, reached, out=np.zeros_like(found), where=reached > 0)
        return np.asarray((hits * precision).sum(axis=1) / found[:, -1])

    return of_ranks(sample, groups, sample.truth == 1, _positive_score(sample), finish)


def macro_roc_auc(sample: Sample, groups: Groups) -> Score:
    """Mean over classes of the ROC AUC of the class against the rest; undefined where a class has no row."""
    table = probabilities(sample)
    each = [_auc_of_class(sample, groups, one, table[:, one]) for one in range(table.shape[1])]
    return lambda times: np.mean([score(times) for score in each], axis=0)


def _auc_of_class(sample: Sample, groups: Groups, one: int, scores: Doubles) -> Score:
    def finish(hits: Doubles, rest: Doubles) -> Doubles:
        above = hits.cumsum(axis=1) - hits / 2
        return np.asarray((above * rest).sum(axis=1) / (hits.sum(axis=1) * rest.sum(axis=1)))

    return of_ranks(sample, groups, sample.truth == one, scores, finish)


def _positive_share(sample: Sample) -> Doubles:
    table = probabilities(sample)
    if table.shape[1] != 2:
        raise DataError(f"probabilities of {table.shape[1]} classes; this metric is of two")
    return np.asarray(table[:, 1])


def _positive_score(sample: Sample) -> Doubles:
    """Scores needn't be probabilities where only their order counts."""
    if sample.predictions.ndim == 2:
        return _positive_share(sample)
    return np.asarray(sample.predictions, dtype=np.float64)
