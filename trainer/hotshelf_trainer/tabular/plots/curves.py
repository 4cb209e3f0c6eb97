"""Scores over what was learned from and by what: the curves of a training."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from hotshelf_trainer.diagnosis.curves import LearningCurve, ValidationCurve
from hotshelf_trainer.drawing import ACCENT, NEUTRAL, svg
from hotshelf_trainer.drawing.marks import NARROW, WIDE, line, log
from hotshelf_trainer.tabular.search import Found


def learning_plot(curve: LearningCurve) -> str:
    """Scores on what was learned from, and on what was held out, over the number of groups."""
    figure = Figure(figsize=WIDE)
    axis = figure.subplots()
    groups = [point.groups for point in curve.points]
    line(axis, groups, [point.train for point in curve.points], NEUTRAL, "train")
    line(axis, groups, [point.held_out for point in curve.points], ACCENT, "held out")
    log(axis, groups)
    axis.set_xlabel("groups learned from")
    axis.set_ylabel(curve.metric)
    axis.legend(frameon=False, fontsize=8)
    return svg(figure)


def validation_plot(curves: Sequence[ValidationCurve]) -> str:
    """One panel for each hyperparameter."""
    figure = Figure(figsize=NARROW)
    axes = np.atleast_1d(figure.subplots(1, len(curves), sharey=True))
    for axis, one in zip(axes, curves, strict=True):
        values = [point.parameters[one.parameter] for point in one.curve.points]
        numbers = all(isinstance(value, int | float) for value in values)
        places = values if numbers else list(range(len(values)))
        line(axis, places, [point.train for point in one.curve.points], NEUTRAL, "train")
        line(axis, places, [point.held_out for point in one.curve.points], ACCENT, "held out")
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
