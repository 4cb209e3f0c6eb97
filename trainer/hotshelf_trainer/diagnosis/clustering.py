"""How many clusters, and would other rows have given the same ones?

- Silhouette (Rousseeuw 1987) on a bounded sample, since it compares all pairs; Davies-Bouldin (1979), less is better.
- Stability: cluster bootstrap samples of the rows, assign all rows by each, and compare with the clusters of all rows
  by the adjusted Rand index (Hubert and Arabie 1985): 1 the same, 0 chance (Hennig 2007 on bootstrapping clusters).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_rand_score, davies_bouldin_score, silhouette_score

from hotshelf_trainer.diagnosis.sample import Doubles, Indices
from hotshelf_trainer.errors import DataError

SILHOUETTE_ROWS = 5_000
"""200 MB of distances."""
STABLE = 0.75
Labels = npt.NDArray[np.integer[Any]]


class Clusterer(Protocol):
    """Clusters rows of one data set."""

    def __call__(self, rows: Indices, clusters: int, seed: int, /) -> Labels:
        """Find clusters on ``rows`` (repeats allowed), and give the cluster of every row of the data set."""
        ...


@dataclass(frozen=True, slots=True)
class ClusterPoint:
    """Figures of one number of clusters."""

    clusters: int
    silhouette: float
    davies_bouldin: float
    stability: float
    """Mean adjusted Rand index over bootstraps."""
    stability_low: float
    """The lowest tenth of them begins here."""
    sizes: tuple[int, ...]
    """Rows of each cluster, largest first."""


@dataclass(frozen=True, slots=True)
class ClusterCurve:
    """Points by number of clusters, the choice among them, and why."""

    points: tuple[ClusterPoint, ...]
    chosen: int
    reason: str


def cluster_curve(
    clusterer: Clusterer, features: Doubles, counts: Sequence[int], *, bootstraps: int = 20, seed: int = 0
) -> ClusterCurve:
    """Judge each number of clusters on ``features`` [n, columns], scaled as the clusterer sees them."""
    if not counts or min(counts) < 2 or max(counts) >= len(features):
        raise DataError(f"numbers of clusters {list(counts)}; expected from 2 to {len(features) - 1}, fewer than rows")
    points = tuple(_point(clusterer, features, count, bootstraps, seed) for count in sorted(set(counts)))
    return ClusterCurve(points, *_choice(points))


def _point(clusterer: Clusterer, features: Doubles, count: int, bootstraps: int, seed: int) -> ClusterPoint:
    rows = np.arange(len(features))
    labels = clusterer(rows, count, seed)
    rng = np.random.default_rng([seed, count])
    agreements = [
        adjusted_rand_score(labels, clusterer(rng.choice(rows, len(rows)), count, seed)) for _ in range(bootstraps)
    ]
    silhouette, davies_bouldin = _shape(features, labels, rng)
    sizes = np.sort(np.unique(labels, return_counts=True)[1])[::-1]
    return ClusterPoint(
        count,
        silhouette,
        davies_bouldin,
        float(np.mean(agreements)),
        float(np.quantile(agreements, 0.1)),
        tuple(map(int, sizes)),
    )


def _shape(features: Doubles, labels: Labels, rng: np.random.Generator) -> tuple[float, float]:
    """Silhouette and Davies-Bouldin; NaN where all rows are in one cluster, or each in its own."""
    sampled = rng.choice(len(labels), min(SILHOUETTE_ROWS, len(labels)), replace=False)
    silhouette = davies_bouldin = float("nan")
    if 1 < len(np.unique(labels[sampled])) < len(sampled):
        silhouette = float(silhouette_score(features[sampled], labels[sampled]))
    if 1 < len(np.unique(labels)) < len(labels):
        davies_bouldin = float(davies_bouldin_score(features, labels))
    return silhouette, davies_bouldin


def _choice(points: Sequence[ClusterPoint]) -> tuple[int, str]:
    """The best silhouette among the stable; where none is stable, the most stable."""
    stable = [point for point in points if point.stability >= STABLE and not np.isnan(point.silhouette)]
    if stable:
        best = max(stable, key=lambda point: (point.silhouette, -point.clusters))
        return best.clusters, (
            f"{best.clusters} clusters have the best silhouette, {best.silhouette:.2f}, of those that other rows would "
            f"give again (stability {best.stability:.2f}; at least {STABLE} expected)"
        )
    best = max(points, key=lambda point: (point.stability, -point.clusters))
    return best.clusters, (
        f"no number of clusters is stable; {best.clusters} come nearest (stability {best.stability:.2f}, at least "
        f"{STABLE} expected): other rows would give other clusters"
    )
