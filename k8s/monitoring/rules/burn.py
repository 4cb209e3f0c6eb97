"""Alerts on the objectives: how fast the calls that may fail in 30 days are being used up.

Windows and rates are those of The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": the long
window tells that it matters, the short one that it still goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from k8s.monitoring.objectives import Objectives
from k8s.monitoring.rules.recording import level, ratio
from k8s.monitoring.rules.spec import Alert, Severity


@dataclass(frozen=True, slots=True)
class Burn:
    """So many times as fast as the objective allows, over a long and a short window."""

    rate: float
    long: str
    short: str


FAST = (Burn(14.4, "1h", "5m"), Burn(6, "6h", "30m"))
"""2 % of the 30 days' errors in an hour, 5 % in six."""

SLOW = (Burn(3, "1d", "2h"), Burn(1, "3d", "6h"))
"""10 % in a day, 10 % in three."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One objective: the alerts' name, what is recorded of its bad calls, what they do, and the share that may."""

    name: str
    kind: str
    verb: str
    budget: float


def promises(objectives: Objectives) -> tuple[Promise, Promise]:
    """Availability and latency."""
    latency = objectives.latency
    return (
        Promise("Availability", "failed_calls", "fail by the server's fault", 1 - objectives.availability),
        Promise("Latency", "slow_calls", f"take longer than {latency.seconds:g} s", 1 - latency.objective),
    )


def burn_alerts(objectives: Objectives) -> Iterator[Alert]:
    """One that wakes someone and one that doesn't, for each objective."""
    for promise in promises(objectives):
        told = (
            f"{{{{ $value | humanizePercentage }}}} of the calls of model {{{{ $labels.model }}}} {promise.verb}, "
            f"of which {100 * promise.budget:.4g}% is allowed."
        )
        enough = f"{level(promise.kind)}:increase1h >= {objectives.limits.page_calls}"
        yield Alert(
            f"Hotshelf{promise.name}BurnsFast",
            f"({_burning(promise, FAST)})\nand {enough}",
            "2m",
            Severity.CRITICAL,
            f"Far too many calls of model {{{{ $labels.model }}}} {promise.verb}",
            f"{told} At this rate, what is allowed in 30 days is used up within hours or a few days.",
        )
        yield Alert(
            f"Hotshelf{promise.name}BurnsSlowly",
            _burning(promise, SLOW),
            "15m",
            Severity.WARNING,
            f"Too many calls of model {{{{ $labels.model }}}} {promise.verb}",
            f"{told} At this rate the objective of 30 days is missed.",
        )


def _burning(promise: Promise, burns: tuple[Burn, ...]) -> str:
    return "\nor\n".join(_both(promise, burn) for burn in burns)


def _both(promise: Promise, burn: Burn) -> str:
    least = f"{burn.rate * promise.budget:.6g}"
    long, short = (f"{ratio(promise.kind, window)} > {least}" for window in (burn.long, burn.short))
    return f"({long} and {short})"
