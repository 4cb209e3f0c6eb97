"""What can be known: how likely each product is to be bought in a window, by the law itself.

The oracle knows what no learner does (each customer's activity, probability of exploring and archetypes, each product's
weight) and all purchases before the window, but nothing of the window, and of products only those launched by then.

With H lines in the window and q = exp(-1 / COPY_LAG), the h-th of them (h = 0, 1, ...) is one of

- a new draw, with probability e: product j by f(j), its category's share in the customer's mix times its weight there;
- a copy of a line before the window, with probability (1 - e) q^h: j by S(j), the kernel (1 - q) q^lag summed over the
  customer's own lines of j, where the first line takes the tail;
- a copy of a line of the window, which adds no product that isn't there already.

So j is absent with probability prod_h (1 - e f(j) - (1 - e) q^h S(j)), exactly, given H and f. H is put at its
expectation for a customer who buys in the window at all, and f at what it is when the window begins: a product that is
launched in the window can't be known by anybody.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.generate.chunk import Chunk, chunk_of
from hotshelf_trainer.generate.law import BASKET_SIZE, KEPT, SECONDS_PER_DAY, SIDE_SHARE, Doubles, Indices, Ints, Law
from hotshelf_trainer.generate.shelf import Shelf, shelf_of

FADED = 200
"""Lines after which nothing before the window is copied any more: q^200 is 6e-8."""


@dataclass(frozen=True, slots=True)
class Oracle:
    """What the law says of the ``days`` days from ``at`` on, a moment in days since the start."""

    law: Law
    at: float
    days: float
    tastes: Doubles
    """[archetypes, products] what a new draw is, at that moment."""

    def chances(self, customers: Ints) -> Iterator[tuple[int, Doubles]]:
        """(customer, [products] probability that each is bought in the window), by customers' numbers, upwards.

        Given that the customer buys then at all, and bought before. Raises ``DataError`` for a number that the law
        doesn't have.
        """
        wanted = np.unique(customers)
        if len(wanted) and (wanted[0] < 0 or wanted[-1] >= self.law.customers):
            raise DataError(f"customer {wanted[-1]}: the law has customers 0 to {self.law.customers - 1}")
        number = wanted // self.law.chunk_customers
        for one in np.unique(number):
            chunk = chunk_of(self.law, int(one))
            starts = _line_starts(chunk)
            for customer in wanted[number == one]:
                person = int(customer) - chunk.people.first
                yield int(customer), self._chances(chunk, person, slice(starts[person], starts[person + 1]))

    def _chances(self, chunk: Chunk, person: int, lines: slice) -> Doubles:
        before = chunk.second[chunk.basket[lines]] < self.at * SECONDS_PER_DAY
        main, side = chunk.people.taste[person]
        return chances_of(
            past=chunk.product[lines][before],
            fresh=(1 - SIDE_SHARE) * self.tastes[main] + SIDE_SHARE * self.tastes[side],
            explore=float(chunk.people.explore[person]),
            horizon=_expected_lines(float(chunk.people.rate[person]) * self.days),
        )


def chances_of(past: Indices, fresh: Doubles, explore: float, horizon: int) -> Doubles:
    """[products] probability that each is among the next ``horizon`` lines of a customer.

    ``past`` [lines] are the customer's earlier lines, oldest first, at least one; ``fresh`` [products] says what a new
    draw is, and ``explore`` how probable one is.
    """
    own, memory = _memory(past)
    absent = horizon * np.log1p(-explore * fresh)
    copied = (1 - explore) * KEPT ** np.arange(min(horizon, FADED))[:, None] * memory
    # What is bought for certain is absent with the logarithm minus infinity, as it should be.
    with np.errstate(divide="ignore"):
        absent[own] = np.log1p(-np.minimum(explore * fresh[own] + copied, 1.0)).sum(axis=0)
    absent[own] += max(0, horizon - FADED) * np.log1p(-explore * fresh[own])
    chances: Doubles = -np.expm1(absent)
    return chances


def oracle(law: Law, at: float, days: float) -> Oracle:
    """The oracle of a window."""
    return Oracle(law, at, days, _tastes(shelf_of(law), at))


def _tastes(shelf: Shelf, at: float) -> Doubles:
    launched = np.where(shelf.launch <= at, shelf.weight, 0.0)
    sums = np.bincount(shelf.category, launched, minlength=shelf.archetypes.shape[1])
    within = launched / np.maximum(sums, 1e-12)[shelf.category]
    tastes: Doubles = shelf.archetypes[:, shelf.category] * within
    return tastes


def _line_starts(chunk: Chunk) -> npt.NDArray[np.int64]:
    """[people + 1] where each customer's lines begin."""
    return np.searchsorted(chunk.owner[chunk.basket], np.arange(len(chunk.people.signup) + 1))


def _memory(products: Indices) -> tuple[Ints, Doubles]:
    """(own distinct products, how probable a copy made next is of each)."""
    weight = KEPT ** np.arange(len(products) - 1, -1, -1.0)
    weight[1:] *= 1 - KEPT
    own, place = np.unique(products, return_inverse=True)
    share = np.bincount(place, weight, minlength=len(own)).astype(np.float64)
    return own.astype(np.int64), share


def _expected_lines(baskets: float) -> int:
    """Lines of a window with so many baskets expected, if there is one at all."""
    return max(1, round(BASKET_SIZE * baskets / -math.expm1(-baskets)))
