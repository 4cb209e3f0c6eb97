"""Counts of what went wrong while good and bad versions came in under load: all should be 0."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.reloads.judging import judge
from tests.e2e.reloads.load import RELOADED
from tests.e2e.reloads.programme import Stage, failed, publish_all, staged
from tests.e2e.reloads.sightings import failures, loads, pauses
from tests.e2e.reloads.versions import KINDS, Forest
from tests.e2e.server_process import wait_until

TRIAL_SECONDS = 8.0
"""Less than the slow load takes."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was published, and what became of the calls, the probes and the versions."""

    publishes: int
    bad: int
    calls: int
    probes: int
    failed: Sequence[str]
    wrong: Sequence[str]
    unready: Sequence[str]
    good: int
    seen: int
    pauses: Sequence[float]
    """Seconds between the attempts at the first bad version."""
    longest: Mapping[str, float]
    """Seconds from the publication of a good version to its first answer, by the bad kind before it."""

    @property
    def backs_off(self) -> bool:
        """Whether each pause was about twice the one before."""
        return len(self.pauses) >= 2 and all(
            expected <= found < 2 * expected for found, expected in zip(self.pauses, (5.0, 10.0, 20.0), strict=False)
        )


def count(
    folder: Path,
    forest: Forest,
    calls_per_second: float,
    *,
    publishes: int,
    bad: int,
    tell: Callable[[str], None],
) -> Counts:
    """Run the programme and wait until every bad version has failed."""
    with staged(folder, forest, trial_seconds=TRIAL_SECONDS, calls_per_second=calls_per_second) as stage:
        progress = publish_all(stage, publishes, bad, tell)
        wait_until(lambda: _seen(stage) == bad)
        first = min(stage.reloaded.bad)
        wait_until(lambda: failures(stage.server, RELOADED)[first] >= 3)
        verdict = judge(stage.load.end(), {one.model: one.answers for one in (stage.reloaded, stage.other)})
        return Counts(
            publishes=publishes,
            bad=bad,
            calls=verdict.calls,
            probes=verdict.probes,
            failed=verdict.failed,
            wrong=verdict.wrong,
            unready=verdict.unready,
            good=len(progress.seconds),
            seen=_seen(stage),
            pauses=pauses(loads(stage.server, RELOADED), first),
            longest={kind: max(progress.after(kind)) for kind in KINDS if progress.after(kind)},
        )


def _seen(stage: Stage) -> int:
    """Bad versions that have failed for the reason that they should."""
    return sum(
        any(KINDS[kind].words in reason for reason in failed(stage, version))
        for version, kind in stage.reloaded.bad.items()
    )
