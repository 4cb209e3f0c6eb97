"""The metrics of each supervised task, as the bootstrap wants them: what depends on a row is computed once.

Nearly every metric is a function of weighted sums over rows, so a resample costs a product of its multiplicities with
the groups' sums and not another pass over the rows; those that go by rank sort once. scikit-learn's functions take row
weights too, but would start from the rows at each of a thousand resamples; the tests hold ours equal to them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hotshelf_trainer.diagnosis import classified, listed, valued
from hotshelf_trainer.diagnosis.sample import Doubles, Predictions, Sample, Truth
from hotshelf_trainer.diagnosis.scoring import Score

Task = Literal["binary", "multiclass", "regression", "ranking"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of merit. NaN where it isn't defined, such as ROC AUC where all rows are of one class."""

    name: str
    higher_is_better: bool
    prepare: Callable[[Sample, "np.ndarray[tuple[int], np.dtype[np.intp]]"], Score]
    """Of a sample and each row's group as 0..G-1: the function from multiplicities [r, G] to scores [r]."""

    def __call__(
        self, truth: Truth, predictions: Predictions, weights: Doubles | None = None, query: Truth | None = None
    ) -> float:
        """Of rows with weights; ``query`` [n] is what ranking metrics are averaged over.

        Raises ``DataError`` for predictions of the wrong kind.
        """
        one = np.zeros(len(truth), dtype=np.intp)
        return float(self.prepare(Sample(truth, predictions, one, query, weights), one)(np.ones((1, 1)))[0])

    def better(self, difference: float) -> float:
        """The difference of two scores, turned so that more than 0 is better."""
        return difference if self.higher_is_better else -difference


def pinball(quantile: float) -> Metric:
    """The loss that the ``quantile`` of the truth makes smallest (Koenker and Bassett 1978)."""
    return Metric(f"pinball@{quantile:g}", higher_is_better=False, prepare=valued.pinball(quantile))


METRICS: Mapping[Task, tuple[Metric, ...]] = {
    "binary": (
        Metric("log_loss", higher_is_better=False, prepare=classified.log_loss),
        Metric("roc_auc", higher_is_better=True, prepare=classified.roc_auc),
        Metric("average_precision", higher_is_better=True, prepare=classified.average_precision),
        Metric("brier", higher_is_better=False, prepare=classified.brier),
        Metric("accuracy", higher_is_better=True, prepare=classified.accuracy),
        Metric("f1", higher_is_better=True, prepare=classified.f1),
    ),
    "multiclass": (
        Metric("log_loss", higher_is_better=False, prepare=classified.log_loss),
        Metric("accuracy", higher_is_better=True, prepare=classified.accuracy),
        Metric("macro_f1", higher_is_better=True, prepare=classified.macro_f1),
        Metric("roc_auc_ovr", higher_is_better=True, prepare=classified.macro_roc_auc),
    ),
    "regression": (
        Metric("rmse", higher_is_better=False, prepare=valued.rmse),
        Metric("mae", higher_is_better=False, prepare=valued.mae),
        Metric("r2", higher_is_better=True, prepare=valued.r2),
        Metric("mape", higher_is_better=False, prepare=valued.mape),
    ),
    "ranking": (
        Metric("ndcg@10", higher_is_better=True, prepare=listed.ndcg),
        Metric("map@10", higher_is_better=True, prepare=listed.average_precision),
        Metric("mrr", higher_is_better=True, prepare=listed.reciprocal_rank),
    ),
}
"""The first of each task is the one that others are tuned and compared by."""


def metric_of(task: Task, name: str) -> Metric:
    """The task's metric of that name. Raises ``KeyError`` that lists the known ones."""
    known = {metric.name: metric for metric in METRICS[task]}
    if name not in known:
        raise KeyError(f"{task} has no metric {name!r}; expected one of {', '.join(known)}")
    return known[name]
