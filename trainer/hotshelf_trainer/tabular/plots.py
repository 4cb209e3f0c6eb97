"""The plots of a table's report."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from hotshelf_trainer.diagnosis.calibration import Calibration
from hotshelf_trainer.diagnosis.capacity import CapacityCurve
from hotshelf_trainer.diagnosis.curves import LearningCurve, ValidationCurve
from hotshelf_trainer.diagnosis.decomposition import SquaredLoss, ZeroOneLoss
from hotshelf_trainer.diagnosis.importance import Permuted
from hotshelf_trainer.diagnosis.intervals import Estimate
from hotshelf_trainer.drawing import ACCENT, NEUTRAL, WARNING, svg
from hotshelf_trainer.tabular.boosted import TREES
from hotshelf_trainer.tabular.figures import Figures
from hotshelf_trainer.tabular.search import Found

WIDE, NARROW = (9.0, 3.2), (9.0, 2.6)
SHOWN_FEATURES = 15
STANDING_COLOURS = {"best": ACCENT, "level": NEUTRAL, "overfitted": WARNING, "underfitted": "#bf8700"}


def plots_of(figures: Figures) -> Mapping[str, str]:
    """Those that there is something to draw for, by their titles."""
    found, diagnosis = figures.search, figures.diagnosis
    drawn: dict[str, str] = {}
    if diagnosis.capacity is not None:
        drawn["Capacity: does it overfit?"] = capacity_plot(diagnosis.capacity)
    if diagnosis.learning is not None:
        drawn["Learning curve: would more data help?"] = learning_plot(diagnosis.learning)
    if diagnosis.decomposition is not None:
        drawn["Bias and variance of the loss"] = decomposition_plot(diagnosis.decomposition)
    if diagnosis.importance:
        drawn[f"Features: {figures.metric.name} lost when one is shuffled"] = importance_plot(diagnosis.importance)
    if diagnosis.calibration is not None:
        drawn["Calibration: what is said, and what comes true"] = calibration_plot(diagnosis.calibration)
    if len(found.trials) > 1:
        drawn[f"Search: mean {figures.metric.name} over the folds"] = search_plot(found)
    if diagnosis.validation:
        drawn["Validation curves"] = validation_plot(diagnosis.validation)
    return drawn


def learning_plot(curve: LearningCurve) -> str:
    """Scores on what was learned from, and on what was held out, over the number of groups."""
    figure = Figure(figsize=WIDE)
    axis = figure.subplots()
    groups = [point.groups for point in curve.points]
    _line(axis, groups, [point.train for point in curve.points], NEUTRAL, "train")
    _line(axis, groups, [point.held_out for point in curve.points], ACCENT, "held out")
    _log(axis, groups)
    axis.set_xlabel("groups learned from")
    axis.set_ylabel(curve.metric)
    axis.legend(frameon=False, fontsize=8)
    return svg(figure)


def capacity_plot(curve: CapacityCurve) -> str:
    """For each number of leaves, scores over the number of trees; overfitted points are red."""
    sizes = sorted({point.parameters["num_leaves"] for point in curve.points})
    figure = Figure(figsize=WIDE)
    axes = np.atleast_1d(figure.subplots(1, len(sizes), sharey=True))
    for axis, leaves in zip(axes, sizes, strict=True):
        points = sorted(
            (point for point in curve.points if point.parameters["num_leaves"] == leaves),
            key=lambda point: point.parameters[TREES],
        )
        trees = [point.parameters[TREES] for point in points]
        _line(axis, trees, [point.train for point in points], NEUTRAL, "train")
        _line(axis, trees, [point.held_out for point in points], ACCENT, "held out")
        for count, point in zip(trees, points, strict=True):
            axis.plot([count], [point.held_out.value], "o", color=STANDING_COLOURS[point.standing], zorder=3)
        _log(axis, trees)
        axis.set_title(f"{leaves} leaves", fontsize=10)
        axis.set_xlabel("trees")
    axes[0].set_ylabel(curve.metric)
    axes[0].legend(frameon=False, fontsize=8)
    return svg(figure)


def validation_plot(curves: Sequence[ValidationCurve]) -> str:
    """One panel for each hyperparameter."""
    figure = Figure(figsize=NARROW)
    axes = np.atleast_1d(figure.subplots(1, len(curves), sharey=True))
    for axis, one in zip(axes, curves, strict=True):
        values = [point.parameters[one.parameter] for point in one.curve.points]
        numbers = all(isinstance(value, int | float) for value in values)
        places = values if numbers else list(range(len(values)))
        _line(axis, places, [point.train for point in one.curve.points], NEUTRAL, "train")
        _line(axis, places, [point.held_out for point in one.curve.points], ACCENT, "held out")
        if not numbers:
            axis.set_xticks(places, [str(value) for value in values])
        axis.set_title(one.parameter, fontsize=10)
    axes[0].set_ylabel(curves[0].curve.metric)
    return svg(figure)


def search_plot(found: Found) -> str:
    """Every trial's mean score, and the best so far."""
    figure = Figure(figsize=NARROW)
    axis = figure.subplots()
    for pruned, colour, name in ((False, ACCENT, "finished"), (True, NEUTRAL, "given up early")):
        places = [number for number, trial in enumerate(found.trials) if trial.pruned is pruned]
        axis.plot(places, [found.trials[place].mean for place in places], "o", color=colour, label=name, markersize=4)
    axis.axhline(found.defaults.mean, color=NEUTRAL, linewidth=0.8, linestyle="--", label="the recipe's own")
    axis.axhline(found.best.mean, color=ACCENT, linewidth=0.8, label="best")
    axis.set_xlabel("trial")
    axis.legend(frameon=False, fontsize=8, ncols=4)
    return svg(figure)


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
        axis.errorbar([estimate.value], [place], xerr=_error([estimate]), color="#000000", linewidth=0.8)
        axis.annotate(f" {estimate.value:.4g}", (estimate.high, place), va="center", fontsize=8)
    axis.set_yticks(range(len(parts)), [name for name, _, _ in reversed(parts)])
    return svg(figure)


def importance_plot(importance: Sequence[Permuted]) -> str:
    """The features that matter most."""
    shown = list(reversed(importance[:SHOWN_FEATURES]))
    figure = Figure(figsize=(9.0, 0.28 * len(shown) + 0.8))
    axis = figure.subplots()
    losses = [one.loss for one in shown]
    values = [one.value for one in losses]
    axis.barh(range(len(shown)), values, xerr=_error(losses), color=ACCENT, error_kw={"ecolor": NEUTRAL})
    axis.set_yticks(range(len(shown)), [one.name for one in shown])
    return svg(figure)


def calibration_plot(found: Calibration) -> str:
    """Bins of about equally many rows; on the diagonal, what is said comes true as often."""
    figure = Figure(figsize=(9.0, 3.6))
    axis = figure.subplots()
    axis.plot([0, 1], [0, 1], color=NEUTRAL, linewidth=0.8, linestyle="--")
    axis.plot([one.predicted for one in found.bins], [one.observed for one in found.bins], "o-", color=ACCENT)
    axis.set_xlabel("probability that is said")
    axis.set_ylabel("share that comes true")
    return svg(figure)


def _log(axis: Any, values: Sequence[int]) -> None:
    """A logarithmic axis that is marked at the values alone."""
    axis.set_xscale("log")
    axis.set_xticks(values, [f"{value:,}" for value in values])
    axis.minorticks_off()


def _line(axis: Any, places: Sequence[Any], estimates: Sequence[Estimate], colour: str, label: str) -> None:
    axis.plot(places, [one.value for one in estimates], color=colour, label=label, marker="o", markersize=3)
    lows, highs = [one.low for one in estimates], [one.high for one in estimates]
    axis.fill_between(places, lows, highs, color=colour, alpha=0.15, linewidth=0)


def _error(estimates: Sequence[Estimate]) -> np.ndarray:
    return np.array([[one.value - one.low for one in estimates], [one.high - one.value for one in estimates]])
