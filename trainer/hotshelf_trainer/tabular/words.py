"""A training's findings in words, for a terminal and the top of the report."""

from collections.abc import Mapping, Sequence

from hotshelf_trainer.diagnosis.capacity import CapacityCurve
from hotshelf_trainer.diagnosis.curves import LearningCurve
from hotshelf_trainer.diagnosis.decomposition import SquaredLoss, ZeroOneLoss
from hotshelf_trainer.diagnosis.intervals import Estimate
from hotshelf_trainer.outcome import ScoreTable
from hotshelf_trainer.tabular.evaluation import CANDIDATE
from hotshelf_trainer.tabular.figures import Figures

MUCH = 0.25
"""Share of variance from which on it is worth a word of advice."""


def score_table(figures: Figures) -> ScoreTable:
    """The deciding metric: the candidate on each part, and every rival on the test part."""
    parts = list(figures.scores[figures.metric.name].items())
    rows = [[CANDIDATE, *(in_words(estimate) for _, estimate in parts)]]
    for subject, comparison in figures.comparisons.items():
        rows.append([subject, *("" for _ in parts[1:]), f"{comparison.other:.4f}"])
    better = "higher" if figures.metric.higher_is_better else "lower"
    return ScoreTable(
        f"{figures.metric.name}, {better} is better, with 95 % intervals", [name for name, _ in parts], rows
    )


def in_words(estimate: Estimate) -> str:
    """A figure and its interval."""
    return f"{estimate.value:.4f} ({estimate.low:.4f}, {estimate.high:.4f})"


def findings_of(figures: Figures) -> Sequence[str]:
    """What was found, in sentences: the search, the fit, the data."""
    return (*_search(figures), *_fit(figures), *(f"Set aside: {one}." for one in figures.violations))


def _search(figures: Figures) -> Sequence[str]:
    found = figures.search
    if len(found.trials) == 1:
        return ("No search was asked for: the recipe's own parameters were used.",)
    tried = f"{len(found.trials) - 1} sets of hyperparameters were tried"
    if not found.improved:
        return (f"{tried}: no improvement over the recipe's own.",)
    name = figures.metric.name
    gain = abs(found.best.mean - found.defaults.mean)
    best = f"the best has a cross-validated {name} of {found.best.mean:.4f}"
    own = f"the recipe's own {found.defaults.mean:.4f}"
    return (f"{tried}: {best}, {own}, so {gain:.4f} better, which the choice among many makes a little too good.",)


def _fit(figures: Figures) -> Sequence[str]:
    """What the curves say, and what to do about it."""
    diagnosis = figures.diagnosis
    said = [_capacity(diagnosis.capacity)] if diagnosis.capacity is not None else []
    if diagnosis.learning is not None:
        said.append(_learning(diagnosis.learning))
    if isinstance(found := diagnosis.decomposition, SquaredLoss):
        said.append(_shares(found.variance.value, found.loss.value, "squared"))
    elif isinstance(found, ZeroOneLoss):
        said.append(_shares(found.costly_variance.value - found.helpful_variance.value, found.loss.value, "zero-one"))
    return said


def _capacity(curve: CapacityCurve) -> str:
    """The first point is the one that was chosen."""
    chosen, best = curve.points[0], curve.best
    better = f"with {_of(best.parameters)} the held-out {curve.metric} is {best.held_out.value:.4f} instead of"
    if chosen.standing == "overfitted":
        return (
            f"It overfits: {better} {chosen.held_out.value:.4f}, beyond chance, though the train score is worse. "
            "Take fewer leaves or trees, or more rows."
        )
    if chosen.standing == "underfitted":
        return f"It underfits: {better} {chosen.held_out.value:.4f}, beyond chance. Take more leaves or trees."
    worse = [point for point in curve.points if point.standing == "overfitted"]
    beyond = f" It would with {_of(worse[0].parameters)}." if worse else ""
    return (
        f"It doesn't overfit: nothing on the capacity curve is better beyond chance.{beyond} "
        f"(Its train score leads the held-out one by {chosen.gap.value:.4f}, which by itself says nothing.)"
    )


def _learning(curve: LearningCurve) -> str:
    before, whole = curve.points[-2:]
    step = f"from {before.groups:,} to {whole.groups:,} groups the held-out {curve.metric}"
    if curve.still_rising:
        return f"More data helps still: {step} became better by {curve.last_gain.value:.4f}, beyond chance."
    return (
        f"More data of this kind would hardly help: {step} did not become better beyond chance. Better features might."
    )


def _of(parameters: Mapping[str, object]) -> str:
    return " and ".join(f"{name} {value}" for name, value in parameters.items())


def _shares(variance: float, loss: float, kind: str) -> str:
    share = variance / loss if loss else 0.0
    advice = "more rows or a simpler model would lower it" if share > MUCH else "the rest is bias and noise"
    return f"Of the {kind} loss {share:.0%} is variance, what differs from one sample of the data to another: {advice}."
