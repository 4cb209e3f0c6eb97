"""Findings that every table's training tells in the same words."""

from collections.abc import Sequence

from hotshelf_trainer.diagnosis.intervals import Estimate
from hotshelf_trainer.table.contract import Violation


def in_words(estimate: Estimate) -> str:
    """A figure and its interval."""
    return f"{estimate.value:.4f} ({estimate.low:.4f}, {estimate.high:.4f})"


def set_aside(violations: Sequence[Violation]) -> Sequence[str]:
    """What broke the contract."""
    return tuple(f"Set aside: {one}." for one in violations)
