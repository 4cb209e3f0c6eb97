"""The plots of a report without a target."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

from hotshelf_trainer.diagnosis.anomaly import Anomalies
from hotshelf_trainer.diagnosis.clustering import STABLE, ClusterCurve
from hotshelf_trainer.diagnosis.components import ComponentCurve
from hotshelf_trainer.diagnosis.sample import Doubles
from hotshelf_trainer.drawing import ACCENT, NEUTRAL, WARNING, svg
from hotshelf_trainer.unsupervised.figures import Loading

CLUSTER_COLOURS = ("#2f81f7", "#d1242f", "#1a7f37", "#bf8700", "#8250df", "#1b7c83", "#bc4c00", "#bf3989", "#57606a")
MOST_POINTS = 1_500
"""Rows that are drawn: more would hide each other, and make the page heavy."""
MOST_LOADINGS = 20
MOST_MARK = 15.0
"""Side of the square of the largest weight, in points."""
ANY_ORDER = 0


def curve_plot(curve: ClusterCurve) -> str:
    """Silhouette, Davies-Bouldin and stability over the number of clusters; the choice is marked."""
    figure = Figure(figsize=(9.0, 2.8))
    axes = figure.subplots(1, 3)
    counts = [point.clusters for point in curve.points]
    drawn = {
        "silhouette (more is better)": [point.silhouette for point in curve.points],
        "Davies-Bouldin (less is better)": [point.davies_bouldin for point in curve.points],
        "stability (adjusted Rand)": [point.stability for point in curve.points],
    }
    for axis, (title, values) in zip(axes, drawn.items(), strict=True):
        axis.plot(counts, values, color=NEUTRAL, marker="o", markersize=3)
        axis.plot([curve.chosen], [values[counts.index(curve.chosen)]], "o", color=ACCENT, markersize=7, zorder=3)
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("clusters", fontsize=8)
        _whole(axis)
    lows = [point.stability_low for point in curve.points]
    axes[2].fill_between(counts, lows, drawn["stability (adjusted Rand)"], color=NEUTRAL, alpha=0.15, linewidth=0)
    axes[2].axhline(STABLE, color=NEUTRAL, linewidth=0.8, linestyle="--")
    return svg(figure)


def cluster_map(space: Doubles, labels: npt.NDArray[np.int64]) -> str:
    """Rows on the first two principal components of the prepared columns, which show most of how they differ."""
    flat = _plane(space)
    figure = Figure(figsize=(9.0, 4.2))
    axis = figure.subplots()
    rows = _some(len(flat))
    for cluster in np.unique(labels):
        own = rows[labels[rows] == cluster]
        colour = CLUSTER_COLOURS[int(cluster) % len(CLUSTER_COLOURS)]
        axis.plot(flat[own, 0], flat[own, 1], "o", color=colour, markersize=3, alpha=0.6, label=f"cluster {cluster}")
    axis.legend(frameon=False, fontsize=8, ncols=5, loc="upper center", bbox_to_anchor=(0.5, 1.12))
    _without_units(axis)
    return svg(figure)


def score_plot(found: Anomalies) -> str:
    """Shares of the rows by score, and the threshold."""
    figure = Figure(figsize=(9.0, 3.0))
    axis = figure.subplots()
    for name, part, colour in (("train", found.train, NEUTRAL), ("test", found.held_out, ACCENT)):
        shares = np.array(part.counts) / part.rows
        axis.stairs(shares, found.edges, color=colour, fill=True, alpha=0.3)
        axis.stairs(shares, found.edges, color=colour, label=name)
    axis.axvline(found.threshold, color=WARNING, linewidth=1.2, linestyle="--", label="flagged beyond")
    axis.set_yscale("log")
    axis.set_xlabel("score")
    axis.set_ylabel("share of the rows")
    axis.legend(frameon=False, fontsize=8)
    return svg(figure)


def components_plot(curve: ComponentCurve) -> str:
    """Shares given back of rows that were learned from and of others, over the number of components."""
    figure = Figure(figsize=(9.0, 3.0))
    axis = figure.subplots()
    counts = [point.components for point in curve.points]
    axis.plot(counts, [point.train for point in curve.points], "o-", color=NEUTRAL, markersize=3, label="train")
    axis.plot(counts, [point.held_out for point in curve.points], "o-", color=ACCENT, markersize=3, label="held out")
    chosen = next(point for point in curve.points if point.components == curve.chosen)
    axis.plot([chosen.components], [chosen.held_out], "o", color=ACCENT, markersize=8, zorder=3)
    axis.set_xlabel("components")
    axis.set_ylabel("share of variance given back", fontsize=8)
    axis.legend(frameon=False, fontsize=8, loc="lower right")
    _whole(axis)
    return svg(figure)


def loadings_plot(loadings: Sequence[Loading]) -> str:
    """Of each column its weight in each component: blue is above 0, red below."""
    shown = loadings[:MOST_LOADINGS]
    heavy = {name: max(abs(one.weights[name]) for one in shown) for name in shown[0].weights}
    names = sorted(heavy, key=lambda name: -heavy[name])[:MOST_LOADINGS]
    table = np.array([[one.weights[name] for one in shown] for name in names])
    limit = float(np.abs(table).max()) or 1.0
    figure = Figure(figsize=(9.0, 0.26 * len(names) + 1.0))
    axis = figure.subplots()
    for (row, column), weight in np.ndenumerate(table):
        colour = ACCENT if weight >= 0 else WARNING
        axis.plot([column], [row], "s", color=colour, markersize=MOST_MARK * np.sqrt(abs(weight) / limit))
    axis.set_xlim(-0.6, len(shown) - 0.4)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xticks(range(len(shown)), [str(one.component) for one in shown])
    axis.set_yticks(range(len(names)), names)
    axis.set_xlabel("component; blue above 0, red below, by size")
    return svg(figure)


def component_map(components: Doubles) -> str:
    """Rows by their first two components."""
    figure = Figure(figsize=(9.0, 4.0))
    axis = figure.subplots()
    rows = _some(len(components))
    axis.plot(components[rows, 0], components[rows, 1], "o", color=ACCENT, markersize=3, alpha=0.6)
    axis.set_xlabel("component 1")
    axis.set_ylabel("component 2")
    return svg(figure)


def _plane(space: Doubles) -> Doubles:
    """[n, 2] the first two principal components; 0 where there is one column alone."""
    found = PCA(min(2, *space.shape), random_state=ANY_ORDER).fit_transform(space)
    return np.column_stack([found, np.zeros((len(found), 2 - found.shape[1]))])


def _some(rows: int) -> npt.NDArray[np.int64]:
    """Rows that are drawn, always the same ones."""
    order = np.random.default_rng(ANY_ORDER).permutation(rows)
    return np.sort(order[:MOST_POINTS])


def _whole(axis: Any) -> None:
    axis.xaxis.get_major_locator().set_params(integer=True)


def _without_units(axis: Any) -> None:
    axis.set_xticks([])
    axis.set_yticks([])
