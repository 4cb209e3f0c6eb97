"""A candidate's score beside its rivals' on the same rows, and what the gate makes of it."""

from dataclasses import dataclass

from hotshelf_trainer.diagnosis.intervals import Draws, Estimate
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.recipes.table import GateLimits
from hotshelf_trainer.verdict import Check

CANDIDATE, CHAMPION = "candidate", "champion"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The candidate's score beside another's on the same rows; ``gain`` is above 0 where the candidate is better."""

    subject: str
    candidate: float
    other: float
    gain: Estimate


def compared(draws: Draws, metric: Metric, place: int, name: str) -> Comparison:
    """The first of the models that were judged on the same draws, the candidate, against the one at ``place``."""
    gain = draws.difference(0, place) if metric.higher_is_better else draws.difference(place, 0)
    return Comparison(name, float(draws.values[0]), float(draws.values[place]), gain)


def beats(metric: str, comparison: Comparison) -> Check:
    """A baseline is beaten when the one-sided 95 % lower bound of the gain is above 0."""
    name = f"beats the {comparison.subject} baseline"
    return Check(name, comparison.gain.least > 0, _words(metric, comparison, 0.0))


def not_inferior(metric: str, comparison: Comparison, version: int, limits: GateLimits, note: str) -> Check:
    """Against champion ``version``; ``note`` says how it was put on equal terms."""
    floor = 0.0 if limits.superiority else -limits.margin * abs(comparison.other)
    kind = "better than" if limits.superiority else "not inferior to"
    # Equal models differ by 0 in every resample, which is not inferior even where the margin is 0.
    passed = comparison.gain.least > floor or (not limits.superiority and comparison.gain.least == floor)
    return Check(f"{kind} champion version {version}", passed, f"{_words(metric, comparison, floor)}; {note}")


def _words(metric: str, comparison: Comparison, floor: float) -> str:
    gain = comparison.gain
    return (
        f"{metric} {comparison.candidate:.4f} against {comparison.other:.4f}, better by {gain.value:+.4f} "
        f"[{gain.low:+.4f}, {gain.high:+.4f}]; its lower 95 % bound {gain.least:+.4f} is "
        f"{'above' if gain.least > floor else 'not above'} {floor:+.4f}"
    )
