"""Candidates with their features, and the lists that somebody makes of them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.state import Floats, Ints

Doubles = npt.NDArray[np.float64]
Scope = Literal["all", "new"]
SCOPES: tuple[Scope, ...] = ("all", "new")
TOP = 10
NONE = -1
"""Stands in a list where there is no product."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Candidates of many customers end to end; ``start[q]:start[q + 1]`` are customer ``q``'s, own products first."""

    start: npt.NDArray[np.int64]
    repeats: npt.NDArray[np.int64]
    """[customers] how many of a customer's rows are products bought before."""
    product: Ints
    features: Floats
    label: npt.NDArray[np.int8]
    """[rows] 1 where the product was bought in the window."""

    @property
    def query(self) -> npt.NDArray[np.int64]:
        """[rows] which customer a row belongs to."""
        return np.repeat(np.arange(len(self.repeats)), np.diff(self.start))

    @property
    def is_new(self) -> npt.NDArray[np.bool_]:
        """[rows] whether the customer never bought the product before the cut."""
        within = np.arange(len(self.product)) - np.repeat(self.start[:-1], np.diff(self.start))
        return np.asarray(within >= self.repeats[self.query])

    def of(self, queries: npt.NDArray[np.intp]) -> "Rows":
        """The rows of some customers, in the order given."""
        counts = np.diff(self.start)[queries]
        start = np.concatenate([[0], np.cumsum(counts)])
        rows = np.arange(start[-1]) + np.repeat(self.start[queries] - start[:-1], counts)
        return Rows(start, self.repeats[queries], self.product[rows], self.features[rows], self.label[rows])


@dataclass(frozen=True, slots=True)
class Lists:
    """Somebody's answer for every customer of a window: [customers, 10] catalogue indices, best first, -1 for none."""

    all: Ints
    new: Ints
    """Only products that the customer never bought before the cut."""

    def of(self, scope: Scope) -> Ints:
        """The lists of one task."""
        return self.all if scope == "all" else self.new


@dataclass(frozen=True, slots=True)
class Answers:
    """The lists, and the scores that made them."""

    lists: Lists
    mixed_scores: Doubles
    """[rows] of the mixed head."""
    new_scores: Doubles
    """[rows] of the new-only head; 0 for own products, which it never ranks."""

    @property
    def finite(self) -> bool:
        """Whether every score is a finite number."""
        return bool(np.isfinite(self.mixed_scores).all() and np.isfinite(self.new_scores).all())


@dataclass(frozen=True, slots=True)
class Trees:
    """How many trees each head has."""

    mixed: int
    new: int
