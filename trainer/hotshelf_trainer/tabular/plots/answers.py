"""What a model says beside what came true."""

from matplotlib.figure import Figure

from hotshelf_trainer.diagnosis.calibration import Calibration
from hotshelf_trainer.diagnosis.residuals import Residuals
from hotshelf_trainer.drawing import ACCENT, NEUTRAL, svg
from hotshelf_trainer.drawing.marks import error


def calibration_plot(found: Calibration) -> str:
    """Bins of about equally many rows; on the diagonal, what is said comes true as often."""
    figure = Figure(figsize=(9.0, 3.6))
    axis = figure.subplots()
    axis.plot([0, 1], [0, 1], color=NEUTRAL, linewidth=0.8, linestyle="--")
    axis.plot([one.predicted for one in found.bins], [one.observed for one in found.bins], "o-", color=ACCENT)
    axis.set_xlabel("probability that is said")
    axis.set_ylabel("share that comes true")
    return svg(figure)


def residual_plot(found: Residuals) -> str:
    """Mean residual in each tenth of the predictions, and one standard deviation round it."""
    figure = Figure(figsize=(9.0, 3.0))
    axis = figure.subplots()
    places = [(tenth.low + tenth.high) / 2 for tenth in found.tenths]
    means = [tenth.mean for tenth in found.tenths]
    values = [mean.value for mean in means]
    spreads = [tenth.spread for tenth in found.tenths]
    axis.axhline(0, color=NEUTRAL, linewidth=0.8, linestyle="--")
    lows = [value - spread for value, spread in zip(values, spreads, strict=True)]
    highs = [value + spread for value, spread in zip(values, spreads, strict=True)]
    axis.fill_between(places, lows, highs, color=ACCENT, alpha=0.15, linewidth=0)
    axis.errorbar(places, values, yerr=error(means), fmt="o-", color=ACCENT, markersize=4)
    axis.set_xlabel("predicted")
    axis.set_ylabel("true less predicted")
    return svg(figure)
