"""May the candidate become champion? A pure function of figures and limits; every check says why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotshelf_trainer.recipes.tabular import TabularGate
from hotshelf_trainer.tabular.evaluation import CHAMPION, Comparison, Segment
from hotshelf_trainer.verdict import Check, Verdict


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the gate looks at."""

    metric: str
    champion_version: int
    """0 where the model has no champion."""
    champion_note: str
    """How the champion was put on equal terms."""
    comparisons: Mapping[str, Comparison]
    segments: Sequence[Segment]
    leaks: Sequence[str]
    """Columns that tell the target nearly alone, in words."""


def judge(evidence: Evidence, limits: TabularGate) -> Verdict:
    """Leaks first, then the simple baselines, then the champion, as a whole and by segment."""
    checks = [_leaks(evidence)]
    checks += [_beats(evidence, name) for name in limits.beat]
    if CHAMPION in evidence.comparisons:
        checks.append(_champion(evidence, limits))
        checks += [_segment(evidence, segment, limits) for segment in evidence.segments]
    return Verdict(evidence.champion_version, tuple(checks))


def _leaks(evidence: Evidence) -> Check:
    return Check("no column gives the target away", not evidence.leaks, "; ".join(evidence.leaks) or "none does")


def _beats(evidence: Evidence, name: str) -> Check:
    """A baseline is beaten when the one-sided 95 % lower bound of the gain is above 0."""
    comparison = evidence.comparisons[name]
    return Check(f"beats the {name} baseline", comparison.gain.least > 0, _words(evidence.metric, comparison, 0.0))


def _champion(evidence: Evidence, limits: TabularGate) -> Check:
    comparison = evidence.comparisons[CHAMPION]
    floor = 0.0 if limits.superiority else -limits.margin * abs(comparison.other)
    kind = "better than" if limits.superiority else "not inferior to"
    words = f"{_words(evidence.metric, comparison, floor)}; {evidence.champion_note}"
    # Equal models differ by 0 in every resample, which is not inferior even where the margin is 0.
    passed = comparison.gain.least > floor or (not limits.superiority and comparison.gain.least == floor)
    return Check(f"{kind} champion version {evidence.champion_version}", passed, words)


def _segment(evidence: Evidence, segment: Segment, limits: TabularGate) -> Check:
    """Guarded, not proved: a segment is small, so only a loss beyond chance and beyond the margin fails."""
    floor = -limits.segment_margin * abs(segment.comparison.other)
    name = f"no loss where {segment.column} is {segment.value or 'missing'!r} ({segment.rows:,} rows)"
    words = f"{evidence.metric} {segment.comparison.candidate:.4f} against {segment.comparison.other:.4f}"
    return Check(name, segment.comparison.gain.most >= floor, f"{words}; refused where it is surely below {floor:+.4f}")


def _words(metric: str, comparison: Comparison, floor: float) -> str:
    gain = comparison.gain
    return (
        f"{metric} {comparison.candidate:.4f} against {comparison.other:.4f}, better by {gain.value:+.4f} "
        f"[{gain.low:+.4f}, {gain.high:+.4f}]; its lower 95 % bound {gain.least:+.4f} is "
        f"{'above' if gain.least > floor else 'not above'} {floor:+.4f}"
    )
