"""What the fits of a training tell of themselves: whether they overfit, and what would help."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings, and what to do about them."""

    advice: Sequence[str]
    """In sentences."""
    leaks: Sequence[str]
    """Columns that tell the target nearly alone, in words."""
