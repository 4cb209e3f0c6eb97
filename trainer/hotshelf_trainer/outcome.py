"""What came of a training, of whatever task."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from hotshelf_trainer.publishing import Published
from hotshelf_trainer.verdict import Verdict

JSON_FILE, REPORT_FILE = "report.json", "report.html"
"""The figures and the page, in a bundle; the page also where a command writes it."""


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Figures in words, for a terminal."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    """Each begins with whose figures they are."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A version in the store, and what the gate said of it."""

    published: Published
    verdict: Verdict
    scores: ScoreTable
    seconds: float
    report: str
    """The page that is in the bundle too."""
    findings: Sequence[str] = ()
    """What a person should know before they trust the version, in sentences."""
    aside: "pl.DataFrame | None" = None
    """The rows that were not learned from since they broke the contract, with their numbers."""
