"""The law that purchases are made by: its constants, and how much of it.

- Products: category uniform; weight within it Zipf-Mandelbrot (rank + 2.7)^-1.05; 30 % are launched during the period;
  price log-normal about its category's.
- Customers: half from the start, half sign up later, more and more; activity log-normal (sigma 1.1, a heavy tail);
  number of baskets Poisson; probability of exploring Beta(4, 6); a main and a side archetype out of 24 Dirichlet mixes
  of categories.
- Baskets: days uniform in the customer's life with a weekly bump; size geometric, mean 5.
- Lines: with the probability of exploring a new draw (category by the customer's mix, product by its weight among those
  launched), otherwise a copy of one of the customer's own earlier lines at a geometric lag: a Yule-Simon process
  (Simon 1955), so that personal frequency has a heavy tail and recent products repeat more, as in real baskets.
  Quantity geometric.

Chunks of customers have seeds of their own, so a chunk is the same whoever makes it.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.errors import DataError

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]

START = np.datetime64("2024-01-01", "s")
"""A Monday, UTC."""
SECONDS_PER_DAY = 86_400

CATEGORIES = 200
ZIPF_SHIFT, ZIPF_POWER = 2.7, 1.05
LAUNCHED_LATE = 0.3
TYPICAL_PRICE = 8.0
"""Median price of the median category, in the shop's currency."""
CATEGORY_PRICE_SIGMA, PRODUCT_PRICE_SIGMA = 0.9, 0.4

ARCHETYPES = 24
SIDE_SHARE = 0.25
"""Share of the draws that follow the side archetype instead of the main one."""
ACTIVITY_SIGMA = 1.1
EXPLORE_ALPHA, EXPLORE_BETA = 4.0, 6.0
LATE_SIGNUPS = 0.5
LAST_SIGNUP = 0.9
"""Nobody signs up in the last tenth of the period."""

BASKET_SIZE = 5.0
SATURDAY_SHARE = 1 / 3
"""Share of the baskets that move to the Saturday of their week."""
ONE_PIECE = 0.75
"""Probability that a line is of one piece."""
COPY_LAG = 12.0
"""Time constant of the copies' lag, in lines of the same customer."""
KEPT = float(np.exp(-1 / COPY_LAG))
"""How much less likely a line is copied than the one after it."""

CHUNK_CUSTOMERS, CHUNK_LINES = 5_000, 500_000
"""A chunk holds about so many at most: some 100 MB while it is made."""
MOST_LINES_PER_CUSTOMER = 10_000


@dataclass(frozen=True, slots=True)
class Law:
    """How much of it; the rest is fixed. Raises ``DataError`` for a size that makes no sense."""

    customers: int
    products: int
    lines: int
    """Expected number of lines; the actual one varies by a few per cent, more where customers are few."""
    days: int = 365
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("customers", "products", "lines", "days"):
            if getattr(self, name) < 1:
                raise DataError(f"{name}: {getattr(self, name)}; expected 1 or more")
        if self.seed < 0:
            raise DataError(f"seed: {self.seed}; expected 0 or more")
        if self.lines > MOST_LINES_PER_CUSTOMER * self.customers:
            raise DataError(
                f"lines: {self.lines:,} for {self.customers:,} customers; "
                f"expected at most {MOST_LINES_PER_CUSTOMER:,} a customer"
            )

    @property
    def categories(self) -> int:
        """Some five products each at least."""
        return min(CATEGORIES, max(1, self.products // 5))

    @property
    def chunk_customers(self) -> int:
        """Customers of each chunk but the last."""
        return max(1, min(CHUNK_CUSTOMERS, CHUNK_LINES * self.customers // self.lines))

    @property
    def chunks(self) -> int:
        """Chunks of customers."""
        return -(-self.customers // self.chunk_customers)

    @property
    def basket_rate(self) -> float:
        """Baskets a day of a customer whose activity is 1, so that ``lines`` are expected in all."""
        activity = float(np.exp(ACTIVITY_SIGMA**2 / 2))
        # A late sign-up is at LAST_SIGNUP sqrt(uniform) of the period, two thirds of LAST_SIGNUP on average.
        life = self.days * (1 - LATE_SIGNUPS * LAST_SIGNUP * 2 / 3)
        return self.lines / (self.customers * BASKET_SIZE * activity * life)

    def numbers(self) -> dict[str, int]:
        """By name, as they are kept beside what was made."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
