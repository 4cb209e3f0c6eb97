"""May the candidate become champion? A pure function of figures and limits; every check says why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotshelf_trainer.recipes.tabular import TabularGate
from hotshelf_trainer.table.rivals import CHAMPION, Comparison, beats, not_inferior
from hotshelf_trainer.tabular.evaluation import Segment
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
    checks += [beats(evidence.metric, evidence.comparisons[name]) for name in limits.beat]
    if CHAMPION in evidence.comparisons:
        champion = evidence.comparisons[CHAMPION]
        checks.append(
            not_inferior(evidence.metric, champion, evidence.champion_version, limits, evidence.champion_note)
        )
        checks += [_segment(evidence, segment, limits) for segment in evidence.segments]
    return Verdict(evidence.champion_version, tuple(checks))


def _leaks(evidence: Evidence) -> Check:
    return Check("no column gives the target away", not evidence.leaks, "; ".join(evidence.leaks) or "none does")


def _segment(evidence: Evidence, segment: Segment, limits: TabularGate) -> Check:
    """Guarded, not proved: a segment is small, so only a loss beyond chance and beyond the margin fails."""
    floor = -limits.segment_margin * abs(segment.comparison.other)
    name = f"no loss where {segment.column} is {segment.value or 'missing'!r} ({segment.rows:,} rows)"
    words = f"{evidence.metric} {segment.comparison.candidate:.4f} against {segment.comparison.other:.4f}"
    return Check(name, segment.comparison.gain.most >= floor, f"{words}; refused where it is surely below {floor:+.4f}")
