"""How anomaly scores are distributed, on rows that were learned from and on others, and what other rows would flag."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from hotshelf_trainer.diagnosis.sample import Doubles
from hotshelf_trainer.errors import DataError

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
BINS = 40


@dataclass(frozen=True, slots=True)
class Distribution:
    """Of the scores of some rows."""

    rows: int
    quantiles: tuple[tuple[float, float], ...]
    """Probability and score."""
    counts: tuple[int, ...]
    """Rows between each edge and the next."""
    flagged: int
    """Rows that score above the threshold."""

    @property
    def share(self) -> float:
        """Of the rows that are flagged."""
        return self.flagged / self.rows


@dataclass(frozen=True, slots=True)
class Anomalies:
    """Of one detector."""

    threshold: float
    """Flagged is what scores above it."""
    edges: tuple[float, ...]
    train: Distribution
    held_out: Distribution
    rank_correlations: tuple[float, ...]
    """Spearman's, of the held-out rows' scores with those that each other model gives; NaN where all score the same."""
    overlaps: tuple[float, ...]
    """Jaccard's index of the most anomalous held-out rows, as many as are flagged; NaN where none is."""

    @property
    def rank_correlation(self) -> float:
        """The mean."""
        return float(np.mean(self.rank_correlations))

    @property
    def overlap(self) -> float:
        """The mean."""
        return float(np.mean(self.overlaps))


def anomalies(train: Doubles, held_out: Doubles, threshold: float, others: Sequence[Doubles]) -> Anomalies:
    """Of scores, where higher is more anomalous; ``others`` are the held-out rows' by models of drawn rows.

    Raises ``DataError`` for scores that aren't finite, and without any rows or other models.
    """
    for scores in (train, held_out, *others):
        _check(scores)
    if not others:
        raise DataError("no other model's scores to compare with; expected at least one")
    edges = np.histogram_bin_edges(np.concatenate([train, held_out]), BINS)
    judged = _distribution(held_out, edges, threshold)
    return Anomalies(
        threshold,
        tuple(map(float, edges)),
        _distribution(train, edges, threshold),
        judged,
        tuple(_correlation(held_out, other) for other in others),
        tuple(_overlap(held_out, other, judged.flagged) for other in others),
    )


def _distribution(scores: Doubles, edges: Doubles, threshold: float) -> Distribution:
    return Distribution(
        len(scores),
        tuple(zip(QUANTILES, map(float, np.quantile(scores, QUANTILES)), strict=True)),
        tuple(map(int, np.histogram(scores, edges)[0])),
        int((scores > threshold).sum()),
    )


def _check(scores: Doubles) -> None:
    if not len(scores):
        raise DataError("no row to score; expected at least one")
    if not np.isfinite(scores).all():
        raise DataError(f"{int((~np.isfinite(scores)).sum())} anomaly scores are NaN or infinite; expected finite ones")


def _correlation(one: Doubles, other: Doubles) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(spearmanr(one, other).statistic)


def _overlap(one: Doubles, other: Doubles, count: int) -> float:
    if not count:
        return float("nan")
    first, second = (set(np.argsort(-scores, kind="stable")[:count].tolist()) for scores in (one, other))
    return len(first & second) / len(first | second)
