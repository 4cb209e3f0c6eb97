"""What the steps of the pipeline hand to each other. Frozen; arrays are never written to after they were made."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.state import Catalogue, Facts

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
    """What customers known before the cut bought in a window; CSR over ``customers`` (indices into ``facts.customers``)."""

    customers: Indices
    start: npt.NDArray[np.int64]
    product: Indices
    bought_before: npt.NDArray[np.bool_]
    """[pairs] whether the customer had bought the product before the cut."""
    cold_customers: int
    """Customers of the window who had bought nothing before it: counted, not judged."""

    def of(self, row: int) -> slice:
        """The pairs of ``customers[row]``."""
        return slice(int(self.start[row]), int(self.start[row + 1]))


__all__ = ["SECONDS_PER_DAY", "Facts", "Indices", "Purchases", "Split", "Times", "Truth", "Window"]
