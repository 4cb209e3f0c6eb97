"""How anomaly scores are distributed, and whether other rows would have flagged the same."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.stats import spearmanr

from hotshelf_trainer.diagnosis.sample import Doubles, Indices
from hotshelf_trainer.errors import DataError

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
BINS = 40


class Scorer(Protocol):
    """Scores rows of one data set by how anomalous they are."""

    def __call__(self, rows: Indices, seed: int, /) -> Doubles:
        """Learn from ``rows`` (repeats allowed), and score every row of the data set; higher is more anomalous."""
        ...


@dataclass(frozen=True, slots=True)
class Anomalies:
    """Of one detector."""

    quantiles: tuple[tuple[float, float], ...]
    """Probability and score."""
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    """Rows between each edge and the next."""
    threshold: float
    """Flagged is what scores above it."""
    flagged: int
    rank_correlation: float
    """Mean over bootstraps of Spearman's correlation with the scores of all rows; NaN where all score the same."""
    overlap: float
    """Mean over bootstraps of Jaccard's index of the most anomalous rows, as many as are flagged; NaN where none is."""


def anomalies(scorer: Scorer, rows: int, contamination: float, *, bootstraps: int = 20, seed: int = 0) -> Anomalies:
    """``contamination``: share of the data set's rows to flag, above 0 and below 0.5."""
    if not 0 < contamination < 0.5:
        raise DataError(f"contamination {contamination:g}; expected a share above 0 and below 0.5")
    scores = _finite(scorer(np.arange(rows), seed))
    threshold = float(np.quantile(scores, 1 - contamination))
    flagged = int((scores > threshold).sum())
    rng = np.random.default_rng(seed)
    others = [_finite(scorer(rng.choice(rows, rows), seed)) for _ in range(bootstraps)]
    counts, edges = np.histogram(scores, BINS)
    return Anomalies(
        tuple(zip(QUANTILES, map(float, np.quantile(scores, QUANTILES)), strict=True)),
        tuple(map(float, edges)),
        tuple(map(int, counts)),
        threshold,
        flagged,
        float(np.mean([_correlation(scores, other) for other in others])),
        float(np.mean([_overlap(scores, other, flagged) for other in others])),
    )


def _finite(scores: Doubles) -> Doubles:
    if not np.isfinite(scores).all():
        raise DataError(f"{int((~np.isfinite(scores)).sum())} anomaly scores are NaN or infinite; expected finite ones")
    return scores


def _correlation(one: Doubles, other: Doubles) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(spearmanr(one, other).statistic)


def _overlap(one: Doubles, other: Doubles, count: int) -> float:
    if not count:
        return float("nan")
    first, second = (set(np.argsort(-scores, kind="stable")[:count].tolist()) for scores in (one, other))
    return len(first & second) / len(first | second)
