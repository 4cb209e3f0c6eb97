"""Metrics of ranking: the mean over queries that have something to find, of the list's worth.

Truth is grades of relevance from 0; above 0 is relevant. Equal scores are put in order by a draw that is the same for
every model, so that the order of the file, in which the relevant may come first, gives nothing away. A query weighs
what its rows weigh on average.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.diagnosis.sample import Doubles, Sample
from hotshelf_trainer.diagnosis.scoring import Groups, Score, of_sums
from hotshelf_trainer.errors import DataError

TOP = 10


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows by query and then from the best score down."""

    query: npt.NDArray[np.intp]
    """[n] which query, 0 to Q-1."""
    place: npt.NDArray[np.intp]
    """[n] from 0."""
    grade: Doubles
    row: npt.NDArray[np.intp]
    """[n] the position in the sample."""
    first: npt.NDArray[np.intp]
    """[Q] the position in the sample of a row of each query."""

    def summed(self, values: Doubles) -> Doubles:
        """[Q] of values [n]."""
        return np.bincount(self.query, values, len(self.first)).astype(np.float64)


def ranked(sample: Sample, scores: npt.NDArray[np.floating]) -> Ranked:
    """The sample's lists. Raises ``DataError`` without queries, or for predictions that are no scores."""
    if sample.query is None:
        raise DataError("ranking is judged query by query; expected the query of each row")
    if scores.ndim != 1:
        raise DataError(f"predictions of shape {scores.shape}; expected one score for each row")
    _, first, query = np.unique(sample.query, return_index=True, return_inverse=True)
    draw = np.random.default_rng(0).permutation(len(query))
    order = np.lexsort((draw, -scores, query))
    begin = np.searchsorted(query[order], np.arange(len(first)))
    place = np.arange(len(query)) - begin[query[order]]
    return Ranked(query[order], place, np.asarray(sample.truth, dtype=np.float64)[order], order, first)


def ndcg(sample: Sample, groups: Groups) -> Score:
    """NDCG of the first 10 with gain 2^grade - 1 (Burges et al. 2005), LightGBM's own."""
    lists, ideal = ranked(sample, sample.predictions), ranked(sample, np.asarray(sample.truth, dtype=np.float64))
    best = _discounted(ideal)
    return _mean(sample, groups, lists, np.divide(_discounted(lists), best, out=np.zeros_like(best), where=best > 0))


def average_precision(sample: Sample, groups: Groups) -> Score:
    """Precision at each relevant row of the first 10, over what 10 rows could hold of the relevant."""
    lists = ranked(sample, sample.predictions)
    relevant = lists.grade > 0
    # Of a query's own relevant rows down to each place: the running count less what it was before the query.
    total = lists.summed(relevant.astype(np.float64))
    before = np.concatenate([[0.0], total.cumsum()[:-1]])
    hits = relevant.cumsum() - before[lists.query]
    worth = lists.summed(np.where(relevant & (lists.place < TOP), hits / (lists.place + 1), 0.0))
    return _mean(sample, groups, lists, worth / np.clip(total, 1, TOP))


def reciprocal_rank(sample: Sample, groups: Groups) -> Score:
    """1 over the place, from 1, of the first relevant row."""
    lists = ranked(sample, sample.predictions)
    worth = np.zeros(len(lists.first))
    np.maximum.at(worth, lists.query, np.where(lists.grade > 0, 1 / (lists.place + 1), 0.0))
    return _mean(sample, groups, lists, worth)


def _discounted(lists: Ranked) -> Doubles:
    discount = np.where(lists.place < TOP, 1 / np.log2(lists.place + 2.0), 0.0)
    return lists.summed((2**lists.grade - 1) * discount)


def _mean(sample: Sample, groups: Groups, lists: Ranked, worth: Doubles) -> Score:
    """Each query's worth stands at one row of it, so that its group carries it."""
    findable = lists.summed((lists.grade > 0).astype(np.float64)) > 0
    sizes = np.bincount(lists.query, minlength=len(lists.first))
    weight = lists.summed(sample.row_weights[lists.row]) / sizes * findable
    count, value = np.zeros(len(sample)), np.zeros(len(sample))
    count[lists.first], value[lists.first] = weight, weight * worth
    return of_sums(np.ones(len(sample)), groups, (value, count), lambda sums: sums[0] / sums[1])
