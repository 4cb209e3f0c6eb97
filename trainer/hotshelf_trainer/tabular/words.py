"""A training's findings in words, for a terminal and the top of the report."""

from collections.abc import Iterator, Sequence

from hotshelf_trainer.diagnosis.advice import (
    Advice,
    on_calibration,
    on_capacity,
    on_data,
    on_drift,
    on_squared_loss,
    on_zero_one_loss,
)
from hotshelf_trainer.diagnosis.decomposition import SquaredLoss
from hotshelf_trainer.outcome import ScoreTable
from hotshelf_trainer.table.rivals import CANDIDATE
from hotshelf_trainer.table.words import in_words, set_aside
from hotshelf_trainer.tabular.diagnoses import Diagnosis
from hotshelf_trainer.tabular.figures import Figures


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


def findings_of(figures: Figures) -> Sequence[str]:
    """What was found, in sentences: the search, the fit, the data."""
    moved = on_drift(figures.drift, figures.verdict.champion_version)
    return (*_search(figures), *_nested(figures), *_fit(figures), *moved, *set_aside(figures.violations))


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


def _nested(figures: Figures) -> Sequence[str]:
    found, name = figures.diagnosis.nested, figures.metric.name
    if found is None:
        return ()
    kept = f"on rows that no search saw the mean {name} is {found.kept:.4f}, where the searches promised"
    size = f"{found.optimism:.4f}, standard error {found.error:.4f}"
    beyond_chance = found.optimism > 2 * found.error
    lost = f"a search here is too good by {size}" if beyond_chance else f"chance explains the difference ({size})"
    return (f"Nested cross-validation: {kept} {found.promised:.4f}; {lost}.",)


def _fit(figures: Figures) -> Iterator[str]:
    """What the curves say, and what to do about it."""
    for advice in _advice(figures.diagnosis):
        yield f"{advice.finding} {advice.action}".rstrip()
    if (curve := figures.diagnosis.capacity) is not None:
        gap = curve.points[0].gap.value
        yield f"Its train score leads the held-out one by {gap:.4f}, which by itself says nothing."


def _advice(diagnosis: Diagnosis) -> Iterator[Advice]:
    if diagnosis.capacity is not None:
        yield on_capacity(diagnosis.capacity, diagnosis.capacity.points[0])  # the first point is the chosen one
    if diagnosis.learning is not None:
        yield on_data(diagnosis.learning)
    if isinstance(diagnosis.decomposition, SquaredLoss):
        yield on_squared_loss(diagnosis.decomposition)
    elif diagnosis.decomposition is not None:
        yield on_zero_one_loss(diagnosis.decomposition)
    if diagnosis.calibration is not None:
        yield on_calibration(diagnosis.calibration)
