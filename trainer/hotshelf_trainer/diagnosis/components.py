"""How much of rows a few components give back, and how many are needed.

What components keep is measured in one way for all decompositions: the prepared columns are foretold from the
components by the best linear map (least squares, learned where the components were), and the share of the variance
about the mean that this explains is told for rows that neither has seen. The mean itself explains 0, all columns
explain 1. For principal components this is their own reconstruction (Jolliffe 2002, section 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Doubles, Indices
from hotshelf_trainer.diagnosis.scoring import of_sums
from hotshelf_trainer.errors import DataError

EXPLAINED = Metric(
    "explained",
    higher_is_better=True,
    prepare=lambda sample, groups: of_sums(
        sample.row_weights, groups, (sample.predictions, sample.truth), lambda sums: 1 - sums[0] / sums[1]
    ),
)
"""Of squared errors as predictions and squared distances from the mean as truth, each [n]: 1 - errors / distances."""


@dataclass(frozen=True, slots=True)
class Backwards:
    """The linear map from components to prepared columns, and the columns' means where it was learned."""

    intercept: Doubles
    weights: Doubles
    """[components, columns]"""
    means: Doubles

    def residuals(self, components: Doubles, prepared: Doubles) -> Doubles:
        """[n, columns] what is not given back."""
        return prepared - (components @ self.weights + self.intercept)

    def about_mean(self, prepared: Doubles) -> Doubles:
        """[n, columns] distances from the means."""
        return prepared - self.means


def backwards(components: Doubles, prepared: Doubles) -> Backwards:
    """Least squares on [n, components] and [n, columns]; of several solutions the smallest."""
    centre, means = components.mean(axis=0), prepared.mean(axis=0)
    weights = np.linalg.lstsq(components - centre, prepared - means, rcond=None)[0]
    return Backwards(means - centre @ weights, weights, means)


def squares(table: Doubles) -> Doubles:
    """[n] sums of squares of each row."""
    return np.asarray(np.einsum("ij,ij->i", table, table))


class Decomposer(Protocol):
    """Decomposes rows of one data set."""

    def __call__(self, rows: Indices, count: int, /) -> tuple[Doubles, Doubles]:
        """Learn ``count`` components from ``rows``; the components and the prepared columns of all rows."""
        ...


@dataclass(frozen=True, slots=True)
class ComponentPoint:
    """Mean over the folds of the share of the variance that is given back."""

    components: int
    train: float
    held_out: float


@dataclass(frozen=True, slots=True)
class ComponentCurve:
    """Points by number of components, the choice among them, and why."""

    points: tuple[ComponentPoint, ...]
    chosen: int
    reason: str


def component_curve(
    decomposer: Decomposer, folds: Sequence[Fold], counts: Sequence[int], wanted: float
) -> ComponentCurve:
    """The fewest components that give back the share ``wanted`` on held-out rows; else those that give back most."""
    if not counts or min(counts) < 1:
        raise DataError(f"numbers of components {list(counts)}; expected numbers from 1 up")
    points = tuple(_point(decomposer, folds, count) for count in sorted(set(counts)))
    enough = next((point for point in points if point.held_out >= wanted), None)
    if enough is not None:
        reason = f"the fewest that give back {wanted:.0%} of the variance of rows that were held out"
        return ComponentCurve(points, enough.components, f"{reason} ({enough.held_out:.1%})")
    best = max(points, key=lambda point: (point.held_out, -point.components))
    reason = f"no number gives back {wanted:.0%} of the variance of rows that were held out"
    return ComponentCurve(points, best.components, f"{reason}; this one gives back most ({best.held_out:.1%})")


def _point(decomposer: Decomposer, folds: Sequence[Fold], count: int) -> ComponentPoint:
    shares = []
    for fold in folds:
        components, prepared = decomposer(fold.train, count)
        known = backwards(components[fold.train], prepared[fold.train])
        shares.append(
            [share(known, components[rows], prepared[rows]) for rows in (np.unique(fold.train), fold.held_out)]
        )
    train, held_out = np.mean(shares, axis=0)
    return ComponentPoint(count, float(train), float(held_out))


def share(known: Backwards, components: Doubles, prepared: Doubles) -> float:
    """Of the rows' variance about the known mean, how much is given back; 0 where there is none."""
    total = squares(known.about_mean(prepared)).sum()
    return float(1 - squares(known.residuals(components, prepared)).sum() / total) if total > 0 else 0.0
