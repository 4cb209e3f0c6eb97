"""The capacity curve of boosted trees."""

import numpy as np
from matplotlib.figure import Figure

from hotshelf_trainer.diagnosis.capacity import CapacityCurve
from hotshelf_trainer.drawing import ACCENT, NEUTRAL, WARNING, svg
from hotshelf_trainer.drawing.marks import WIDE, line, log

LEAVES, TREES = "num_leaves", "n_estimators"
"""What a curve's points differ in."""
STANDING_COLOURS = {"best": ACCENT, "level": NEUTRAL, "overfitted": WARNING, "underfitted": "#bf8700"}


def capacity_plot(curve: CapacityCurve) -> str:
    """For each number of leaves, scores over the number of trees; overfitted points are red."""
    sizes = sorted({point.parameters[LEAVES] for point in curve.points})
    figure = Figure(figsize=WIDE)
    axes = np.atleast_1d(figure.subplots(1, len(sizes), sharey=True))
    for axis, leaves in zip(axes, sizes, strict=True):
        points = sorted(
            (point for point in curve.points if point.parameters[LEAVES] == leaves),
            key=lambda point: point.parameters[TREES],
        )
        trees = [point.parameters[TREES] for point in points]
        line(axis, trees, [point.train for point in points], NEUTRAL, "train")
        line(axis, trees, [point.held_out for point in points], ACCENT, "held out")
        for count, point in zip(trees, points, strict=True):
            axis.plot([count], [point.held_out.value], "o", color=STANDING_COLOURS[point.standing], zorder=3)
        log(axis, trees)
        axis.set_title(f"{leaves} leaves", fontsize=10)
        axis.set_xlabel("trees")
    axes[0].set_ylabel(curve.metric)
    axes[0].legend(frameon=False, fontsize=8)
    return svg(figure)
