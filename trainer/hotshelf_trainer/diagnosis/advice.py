"""From findings to sentences: does it overfit, what limits it, would more data help, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hotshelf_trainer.diagnosis.calibration import Calibration
from hotshelf_trainer.diagnosis.capacity import CapacityCurve, CapacityPoint
from hotshelf_trainer.diagnosis.curves import LearningCurve
from hotshelf_trainer.diagnosis.decomposition import SquaredLoss, ZeroOneLoss
from hotshelf_trainer.diagnosis.drift import Drift

Subject = Literal["overfitting", "data", "loss", "calibration"]
LARGE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Advice:
    """What was seen, and what to do about it; ``action`` is empty where nothing needs to be done."""

    subject: Subject
    finding: str
    action: str


def on_capacity(curve: CapacityCurve, chosen: CapacityPoint) -> Advice:
    """On the setting that is to be published."""
    figures = (
        f"{curve.metric} {chosen.held_out.value:.4g} held out against {curve.best.held_out.value:.4g} for the best "
        f"setting ({_words(curve.best)}); train {chosen.train.value:.4g}"
    )
    if chosen.standing == "overfitted":
        action = f"Take {_words(curve.best)}, or less capacity, more regularization or more rows."
        return Advice("overfitting", f"{_words(chosen)} overfits: {figures}.", action)
    if chosen.standing == "underfitted":
        action = f"Take {_words(curve.best)}, or more capacity, less regularization or further features."
        return Advice("overfitting", f"{_words(chosen)} underfits: {figures}.", action)
    return Advice("overfitting", f"{_words(chosen)} does not overfit: {figures}.{_others(curve)}", "")


def on_data(curve: LearningCurve) -> Advice:
    """Would more rows help?"""
    last, gain = curve.points[-1], curve.last_gain
    before = curve.points[-2]
    step = f"from {before.groups:,} to {last.groups:,} groups {curve.metric} held out gained {gain.value:.4g}"
    interval = f"[{gain.low:.4g}, {gain.high:.4g}]"
    if curve.still_rising:
        return Advice("data", f"More data helps: {step} {interval}.", "Gather more, or a longer history.")
    finding = f"More data of this kind would hardly help: {step} {interval}, which chance explains."
    return Advice("data", finding, "Look for better features rather than for more rows; searches can use a sample.")


def on_squared_loss(loss: SquaredLoss) -> Advice:
    """Bias or variance?"""
    share = loss.variance.value / loss.loss.value if loss.loss.value else 0.0
    known = "bias" if loss.noise is not None else "bias and noise, which can't be told apart here,"
    rest = loss.bias.value if loss.bias is not None else loss.bias_and_noise.value
    finding = f"Of the squared loss {loss.loss.value:.4g}, variance is {share:.0%}; {known} {rest:.4g}."
    return Advice("loss", finding, _limited(share))


def on_zero_one_loss(loss: ZeroOneLoss) -> Advice:
    """Bias or variance?"""
    net = loss.costly_variance.value - loss.helpful_variance.value
    share = net / loss.loss.value if loss.loss.value else 0.0
    finding = (
        f"Of the errors ({loss.loss.value:.2%}), the main prediction's are {loss.bias.value:.2%}; departing from it "
        f"adds {loss.costly_variance.value:.2%} and mends {loss.helpful_variance.value:.2%}."
    )
    return Advice("loss", finding, _limited(share))


def on_calibration(found: Calibration) -> Advice:
    """Can the probabilities be taken at their word?"""
    off = [one for one in found.bins if one.excess.excludes_zero]
    # One bin in twenty lies off by chance.
    if not found.excess.excludes_zero and len(off) <= max(1, len(found.bins) // 10):
        return Advice("calibration", f"Probabilities hold (calibration error {found.error.value:.3f}).", "")
    side = "high" if found.excess.value > 0 else "low"
    finding = (
        f"Probabilities are off in {len(off)} of {len(found.bins)} bins, on average {abs(found.excess.value):.3f} too "
        f"{side} (calibration error {found.error.value:.3f})."
    )
    return Advice("calibration", finding, "Calibrate on held-out rows (isotonic or sigmoid) where they are used.")


def on_drift(columns: Sequence[Drift], champion_version: int) -> Sequence[str]:
    """Which columns moved since the champion learned, if any did."""
    moved = [one for one in columns if one.level != "little"]
    if not moved:
        return ()
    listed = ", ".join(f"{one.column} ({one.level}, PSI {one.psi:.2f})" for one in moved)
    return (f"Since champion version {champion_version} was trained the data moved: {listed}.",)


def _limited(variance_share: float) -> str:
    if variance_share > LARGE_SHARE:
        return "Variance limits it: more rows, more regularization, fewer leaves, or an average of several models."
    return "Bias or noise limits it: further features or a richer model; more rows of the same kind do little."


def _others(curve: CapacityCurve) -> str:
    over = [_words(point) for point in curve.points if point.standing == "overfitted"]
    return f" Of the settings tried, {'; '.join(over)} overfit." if over else ""


def _words(point: CapacityPoint) -> str:
    return ", ".join(f"{name} {value}" for name, value in point.parameters.items()) or "the default"
