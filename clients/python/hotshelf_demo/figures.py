"""What the noted calls tell. Pure functions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hotshelf_client import Version
from hotshelf_demo.record import Outcome, Times
from hotshelf_demo.traffic import Call

SUBJECTS = {
    "candidate": "version 2",
    "champion": "version 1, given the same history",
    "popularity": "recent popularity",
    "personal": "personal frequency",
    "personal_decayed": "personal frequency, decayed",
    "ease": "EASE",
    "ceiling": "version 2's products, ranked perfectly",
}
"""The subjects of the figures, in words."""

SETTLED_SECONDS = 1.0
"""The swap is over so long after the new version's first answer."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the traffic, with the median and 99th percentile of its calls in milliseconds."""

    name: str
    calls: int
    failed: int
    p50_ms: float
    p99_ms: float


def phases(calls: Sequence[Call], times: Times) -> list[Phase]:
    """The traffic before, during and after the swap; what had no calls is left out."""
    settled = times.swapped + SETTLED_SECONDS
    bounds = [
        ("before", 0.0, times.training),
        ("while version 2 trains", times.training, times.published),
        ("during the swap", times.published, settled),
        ("after", settled, float("inf")),
    ]
    found = [(name, [call for call in calls if begin <= call.begun < end]) for name, begin, end in bounds]
    return [_phase(name, part) for name, part in found if part]


def answered(calls: Sequence[Call]) -> dict[int, int]:
    """Calls answered by each version."""
    return dict(sorted(Counter(call.version for call in calls if call.version).items()))


def problems(outcome: Outcome) -> list[str]:
    """What went wrong, in words; empty when nothing did."""
    found = []
    failed = [call for call in outcome.calls if not call.version]
    if failed:
        found.append(f"{len(failed)} calls failed, the first one with: {failed[0].error}")
    by_version = answered(outcome.calls)
    found += [f"version {version} answered no call" for version in (1, 2) if version not in by_version]
    newest = outcome.versions[0]
    if not newest.passed:
        found.append(f"version {newest.version} did not pass the gate")
    if "champion" not in newest.aliases:
        found.append(f"version {newest.version} is not the champion")
    return found


def quality(version: Version) -> list[tuple[str, dict[str, str]]]:
    """NDCG@10 on the test weeks for the candidate and whom it was compared with: subject, and text by scope."""
    rows: dict[str, dict[str, str]] = {}
    for metric in version.metrics:
        if metric.name == "ndcg@10":
            interval = f" ({metric.low:.3f}-{metric.high:.3f})" if None not in (metric.low, metric.high) else ""
            cells = rows.setdefault(SUBJECTS.get(metric.subject, metric.subject), {})
            cells[metric.scope.removeprefix("test/")] = f"{metric.value:.3f}{interval}"
    return list(rows.items())


def _phase(name: str, calls: Sequence[Call]) -> Phase:
    p50, p99 = np.percentile([call.seconds * 1000 for call in calls], [50, 99])
    return Phase(name, len(calls), sum(not call.version for call in calls), float(p50), float(p99))
