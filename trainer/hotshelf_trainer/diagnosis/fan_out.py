"""Fits that don't wait for each other: one after the other in this process, or all over a cluster."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hotshelf_trainer.diagnosis.sample import Indices, Learner, Predictions

Answers = tuple[Predictions, ...]
"""Of one fit: what the model says of the rows that it was asked for, in the order of `Fit.asked`."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Learn from some rows, then foretell others. Rows go by their positions: the data are where the learner is."""

    rows: Indices
    parameters: Mapping[str, Any]
    seed: int
    asked: tuple[Indices, ...]


class FanOut(Protocol):
    """Where fits are done. The answers are the same everywhere, bit for bit."""

    def answers(
        self, learner: Learner, fits: Sequence[Fit], tell: Callable[[float], None] = lambda _: None
    ) -> list[Answers]:
        """Of each fit, in the order of the fits. ``tell`` takes the share of them that is done.

        Raises what the learner raises; then nothing of the rest is begun.
        """
        ...


def answer(learner: Learner, fit: Fit) -> Answers:
    """Of one fit; the model itself is let go."""
    fitted = learner.fit(fit.rows, fit.parameters, fit.seed)
    return tuple(fitted(rows) for rows in fit.asked)


class Here:
    """In this process, one after the other."""

    def answers(
        self, learner: Learner, fits: Sequence[Fit], tell: Callable[[float], None] = lambda _: None
    ) -> list[Answers]:
        """Of each fit, in the order of the fits."""
        found = []
        for number, fit in enumerate(fits, start=1):
            found.append(answer(learner, fit))
            tell(number / len(fits))
        return found


HERE = Here()
"""It has no state."""
