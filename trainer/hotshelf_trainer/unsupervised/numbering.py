"""Which number each cluster has: callers keep the numbers that they know when a new version comes in.

An estimator numbers its clusters as they come, so another fit of the same rows gives the same clusters other numbers.
Ours are those of the clusters that a known model finds in the same rows, matched so that as many rows as can be keep
theirs (the assignment problem, Kuhn 1955); without one the largest cluster is 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

from hotshelf_trainer.unsupervised.learner import Fitted

Labels = npt.NDArray[np.int64]
BY_CLUSTER: Mapping[str, Sequence[str]] = {
    "KMeans": ("cluster_centers_",),
    "MiniBatchKMeans": ("cluster_centers_", "_counts"),
    "GaussianMixture": ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"),
}
"""What an estimator holds a row of for each cluster."""


def numbered(fitted: Fitted, frame: pd.DataFrame, known: Labels | None) -> Fitted:
    """The model with other numbers for its clusters. ``known``: those of the frame's rows [n], if any are."""
    own = fitted.labels(frame)
    count = len(_rows_by_cluster(fitted.learned)[0])
    _renumber(fitted.learned, by_size(own, count) if known is None else matched(own, known, count))
    return fitted


def by_size(own: Labels, count: int) -> Labels:
    """[count] the cluster that gets each number: the largest first."""
    return np.argsort(-np.bincount(own, minlength=count), kind="stable")


def matched(own: Labels, known: Labels, count: int) -> Labels:
    """[count] the cluster that gets each number: the one whose rows had it; the largest first where none had."""
    table = np.zeros((count, max(count, int(known.max()) + 1)))
    np.add.at(table, (own, known), 1)
    clusters, numbers = linear_sum_assignment(-table)
    order = np.full(count, -1)
    keeps = (numbers < count) & (table[clusters, numbers] > 0)
    order[numbers[keeps]] = clusters[keeps]
    left = [cluster for cluster in by_size(own, count) if cluster not in order]
    order[order < 0] = left
    return order


def _rows_by_cluster(learned: Any) -> list[Any]:
    return [getattr(learned, name) for name in BY_CLUSTER[type(learned).__name__] if hasattr(learned, name)]


def _renumber(learned: Any, order: Labels) -> None:
    for name in BY_CLUSTER[type(learned).__name__]:
        held = getattr(learned, name, None)
        tied = "cov" in name or "prec" in name
        if held is not None and not (tied and learned.covariance_type == "tied"):
            setattr(learned, name, held[order])
    if hasattr(learned, "labels_"):
        learned.labels_ = np.argsort(order)[learned.labels_].astype(learned.labels_.dtype)
