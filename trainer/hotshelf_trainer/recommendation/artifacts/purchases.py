"""Who bought what when, and how it is cut in time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.state import Catalogue

SECONDS_PER_DAY = 86_400.0

Indices = npt.NDArray[np.int32]
Times = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Purchases:
    """Who bought what when: one row for each product of each basket, sorted by customer, product and time."""

    customers: Names
    catalogue: Catalogue
    customer: Indices
    product: Indices
    basket: Indices
    time: Times
    """Seconds since the epoch (UTC) of the basket's first line."""
    returned: Times
    """When the purchase was taken back in full; infinity where it was kept. Before that moment it counts as bought:
    nobody could know."""
    end: float
    """Exclusive end of the data: the midnight after the last purchase."""
    fingerprint: str
    """sha256 over ids and rows, whatever file they came from."""

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def begin(self) -> float:
        """Time of the first purchase."""
        return float(self.time.min())


@dataclass(frozen=True, slots=True)
class Window:
    """What is known before ``cut``, and what was bought from then until ``end`` (exclusive), to be foretold."""

    cut: float
    end: float


@dataclass(frozen=True, slots=True)
class Split:
    """One global cut for everybody. ``test`` is judged once; ``validation`` stops the rankers early."""

    train: tuple[Window, ...]
    validation: Window
    test: Window


@dataclass(frozen=True, slots=True)
class Truth:
    """What customers known before the cut bought in a window; CSR over ``customers``, indices of the facts'."""

    customers: Indices
    person: Indices
    """[customers] the same customers as indices into ``purchases.customers``, which mean the same in every window."""
    start: npt.NDArray[np.int64]
    product: Indices
    bought_before: npt.NDArray[np.bool_]
    """[pairs] whether the customer had bought the product before the cut."""
    cold_customers: int
    """Customers of the window who had bought nothing before it: counted, not judged."""

    def of(self, row: int) -> slice:
        """The pairs of ``customers[row]``."""
        return slice(int(self.start[row]), int(self.start[row + 1]))

    def sample(self, most: int | None, seed: int) -> "Truth":
        """The truth of ``most`` customers drawn at random, or of all where there are no more."""
        if most is None or len(self.customers) <= most:
            return self
        drawn = np.random.default_rng(seed).choice(self.person, most, replace=False)
        people = np.zeros(int(self.person.max()) + 1, dtype=bool)
        people[drawn] = True
        return self.among(people)

    def unlabelled(self, customers: Indices) -> "Truth":
        """Some of the customers, by their indices among the facts' customers, with nothing bought."""
        chosen = np.flatnonzero(np.isin(self.customers, customers))
        return Truth(
            self.customers[chosen],
            self.person[chosen],
            np.zeros(len(chosen) + 1, dtype=np.int64),
            self.product[:0],
            self.bought_before[:0],
            self.cold_customers,
        )

    def among(self, people: npt.NDArray[np.bool_]) -> "Truth":
        """The truth of some customers; ``people`` is a mask over ``purchases.customers``."""
        kept = np.flatnonzero(people[self.person])
        counts = np.diff(self.start)[kept]
        start = np.concatenate([[0], np.cumsum(counts)])
        pairs = np.arange(start[-1]) + np.repeat(self.start[kept] - start[:-1], counts)
        return Truth(
            self.customers[kept],
            self.person[kept],
            start,
            self.product[pairs],
            self.bought_before[pairs],
            self.cold_customers,
        )
