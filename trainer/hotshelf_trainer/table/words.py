"""Findings that every table's training tells in the same words."""

from collections.abc import Sequence

from hotshelf_trainer.diagnosis.drift import Drift
from hotshelf_trainer.diagnosis.intervals import Estimate
from hotshelf_trainer.table.contract import Violation


def in_words(estimate: Estimate) -> str:
    """A figure and its interval."""
    return f"{estimate.value:.4f} ({estimate.low:.4f}, {estimate.high:.4f})"


def drifted(columns: Sequence[Drift], champion_version: int) -> Sequence[str]:
    """Which columns moved, if any did."""
    moved = [one for one in columns if one.level != "little"]
    if not moved:
        return ()
    listed = ", ".join(f"{one.column} ({one.level}, PSI {one.psi:.2f})" for one in moved)
    return (f"Since champion version {champion_version} was trained the data moved: {listed}.",)


def set_aside(violations: Sequence[Violation]) -> Sequence[str]:
    """What broke the contract."""
    return tuple(f"Set aside: {one}." for one in violations)
