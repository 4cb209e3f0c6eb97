"""What a training without a target leaves behind beside the model, for the manifest and the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import pandas as pd

from hotshelf_trainer.diagnosis.drift import Drift
from hotshelf_trainer.diagnosis.intervals import Estimate
from hotshelf_trainer.diagnosis.sample import Doubles
from hotshelf_trainer.table.contract import Violation
from hotshelf_trainer.table.rivals import Comparison
from hotshelf_trainer.unsupervised.learner import Fitted
from hotshelf_trainer.verdict import Check, Verdict

Scores = Mapping[str, Mapping[str, Estimate]]
"""By score, then by part: train, test."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of the report."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Loading:
    """What a component is made of."""

    component: int
    weights: Mapping[str, float]
    """By prepared column, largest first, whatever their sign."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of a model on rows that it didn't learn from."""

    metric: str
    """The score that rivals are compared by; higher is better."""
    scores: Scores
    comparisons: Mapping[str, Comparison]
    """By the rival's name, on the test part."""
    checks: Sequence[Check]
    """Of the task, beside the rivals."""
    findings: Sequence[str]
    plots: Mapping[str, str]
    """By title."""
    grids: Sequence[Grid]
    details: object
    """A dataclass with all figures of the task, for programs."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How many clusters or components were chosen; ``size`` None where there is no such number."""

    size: int | None
    details: object = None
    """The curve that it was chosen by."""


class Task(Protocol):
    """One of the three tasks, for the rows of a subject."""

    def choose(self) -> Choice:
        """Choose the size by rows to learn from alone. Raises ``DataError`` where there are too few."""
        ...

    def judge(self, choice: Choice, fitted: Fitted, champion: Fitted | None) -> Judged:
        """Judge a model, and the champion's that learned from the same rows, on the test part."""
        ...

    def answers(self, fitted: Fitted, frame: pd.DataFrame) -> Doubles:
        """[n] or [n, components] what a model says of rows."""
        ...


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was found."""

    judged: Judged
    choice: Choice
    kind: str
    """Of the split."""
    learned: int
    held_out: int
    """Rows."""
    verdict: Verdict
    violations: Sequence[Violation] = ()
    drift: Sequence[Drift] = ()
    """Of the features, since the champion was trained; most moved first."""
    notes: Sequence[str] = ()
    """What the estimator had to say of its fit."""

    def also(self, *checks: Check) -> "Figures":
        """With further checks in the verdict."""
        return replace(self, verdict=self.verdict.also(*checks))


def sentence(words: str) -> str:
    """Words as a sentence."""
    return f"{words[0].upper()}{words[1:]}."
