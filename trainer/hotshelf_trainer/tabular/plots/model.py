"""What a model is made of, and what it goes by."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from hotshelf_trainer.diagnosis.decomposition import SquaredLoss, ZeroOneLoss
from hotshelf_trainer.diagnosis.importance import Dependence, Gain, Permuted
from hotshelf_trainer.drawing import ACCENT, NEUTRAL, svg
from hotshelf_trainer.drawing.marks import error

SHOWN_FEATURES = 15
PER_ROW = 3


def decomposition_plot(found: SquaredLoss | ZeroOneLoss) -> str:
    """What the mean loss is made of."""
    figure = Figure(figsize=(9.0, 1.6))
    axis = figure.subplots()
    if isinstance(found, SquaredLoss):
        parts = [("bias² and noise", found.bias_and_noise, NEUTRAL), ("variance", found.variance, ACCENT)]
    else:
        parts = [("bias", found.bias, NEUTRAL), ("variance that costs", found.costly_variance, ACCENT)]
        parts.append(("variance that helps", found.helpful_variance, "#1a7f37"))
    for place, (_, estimate, colour) in enumerate(reversed(parts)):
        axis.barh([place], [estimate.value], color=colour)
        axis.errorbar([estimate.value], [place], xerr=error([estimate]), color="#000000", linewidth=0.8)
        axis.annotate(f" {estimate.value:.4g}", (estimate.high, place), va="center", fontsize=8)
    axis.set_yticks(range(len(parts)), [name for name, _, _ in reversed(parts)])
    return svg(figure)


def importance_plot(importance: Sequence[Permuted], gain: Sequence[Gain], metric: str) -> str:
    """The features that matter most; beside what shuffling them costs, the share of the splits' gain."""
    shown = list(reversed(importance[:SHOWN_FEATURES]))
    places = range(len(shown))
    figure = Figure(figsize=(9.0, 0.28 * len(shown) + 1.0))
    axes = figure.subplots(1, 2 if gain else 1, sharey=True, squeeze=False)[0]
    losses = [one.loss for one in shown]
    axes[0].barh(places, [one.value for one in losses], xerr=error(losses), color=ACCENT, error_kw={"ecolor": NEUTRAL})
    axes[0].set_yticks(places, [one.name for one in shown])
    axes[0].set_xlabel(f"{metric} lost on the test part")
    if gain:
        shares = {one.column: one.share for one in gain}
        axes[1].barh(places, [shares[one.name] for one in shown], color=NEUTRAL)
        axes[1].set_xlabel("share of the splits' gain in learning")
    return svg(figure)


def dependence_plot(found: Sequence[Dependence]) -> str:
    """A panel for each feature: the mean of what is said at its values, and where the middle 80 % of the rows lie."""
    rows = -(-len(found) // PER_ROW)
    figure = Figure(figsize=(9.0, 2.4 * rows))
    axes = figure.subplots(rows, min(PER_ROW, len(found)), sharey=True, squeeze=False).ravel()
    for axis, one in zip(axes, found, strict=False):
        numbers = all(isinstance(value, float) for value in one.values)
        places = list(one.values) if numbers else list(range(len(one.values)))
        if numbers:
            axis.fill_between(places, one.low, one.high, color=ACCENT, alpha=0.15, linewidth=0)
            axis.plot(places, one.mean, color=ACCENT)
        else:
            spread = [np.subtract(one.mean, one.low), np.subtract(one.high, one.mean)]
            axis.errorbar(places, one.mean, yerr=np.maximum(spread, 0), fmt="o", color=ACCENT, ecolor=NEUTRAL)
            axis.set_xticks(places, [str(value) for value in one.values], rotation=45, ha="right")
        axis.set_title(one.column, fontsize=10)
    for axis in axes[len(found) :]:
        axis.set_visible(False)
    return svg(figure)
