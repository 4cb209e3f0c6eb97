"""Purchases of made-up customers, by a known law, of any size in bounded memory.

- Products: category uniform; weight within it Zipf-Mandelbrot (rank + 2.7)^-1.05; 30 % are launched during the period.
- Customers: half from the start, half sign up later, more and more; activity log-normal (sigma 1.1, a heavy tail);
  number of baskets Poisson; probability of exploring Beta(4, 6); a main and a side archetype out of 24 Dirichlet mixes
  of categories.
- Baskets: days uniform in the customer's life with a weekly bump; size geometric, mean 5.
- Lines: with the probability of exploring a new draw (category by the customer's mix, product by its weight, not before
  its launch), otherwise a copy of one of the customer's own earlier lines at an exponential lag: a Yule-Simon process
  (Simon 1955), so that personal frequency has a heavy tail and recent products repeat more, as in real baskets.

Chunks of customers have seeds of their own, so a chunk is the same whoever makes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from hotshelf_trainer.errors import DataError

CATEGORIES = 200
ARCHETYPES = 24
BASKET_SIZE = 5.0
LAUNCHED_LATE = 0.3
COPY_LAG = 12.0
"""Mean lag of a copy, in lines of the same customer."""
CHUNK_CUSTOMERS = 5_000
START = np.datetime64("2024-01-01", "s")
SECONDS_PER_DAY = 86_400

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Law:
    """How much of it; the rest is fixed."""

    customers: int
    products: int
    lines: int
    """Expected number of lines; the actual one varies by a few per cent."""
    days: int = 365
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("customers", "products", "lines", "days"):
            if getattr(self, name) < 1:
                raise DataError(f"{name}: {getattr(self, name)}; expected 1 or more")


@dataclass(frozen=True, slots=True)
class Made:
    """Where it was written."""

    purchases: Path
    products: Path
    lines: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """The products and the tastes for them."""

    category: Ints
    launch: Doubles
    """[products] day of launch; 0 for those that were there from the start."""
    order: Ints
    """[products] sorted by category, then rank."""
    start: Ints
    """[categories + 1] into ``order``."""
    cumulated: Doubles
    """[products] in ``order``: share of the category's weight up to and with this product."""
    archetypes: Doubles
    """[archetypes, categories] cumulated mixes."""


@dataclass(frozen=True, slots=True)
class Lines:
    """One chunk's purchases, by customer and time."""

    customer: Ints
    basket: Ints
    second: Ints
    """Since the start."""
    product: Ints


def generate(law: Law, out: Path) -> Made:
    """Write ``purchases.parquet`` and ``products.parquet`` into ``out``, a chunk of customers at a time."""
    out.mkdir(parents=True, exist_ok=True)
    shelf = shelf_of(law)
    products = out / "products.parquet"
    pq.write_table(_product_table(shelf), products)
    purchases, written = out / "purchases.parquet", 0
    with pq.ParquetWriter(purchases, _PURCHASES, compression="zstd") as writer:
        for lines in chunks(law, shelf):
            writer.write_table(_purchase_table(lines))
            written += len(lines.product)
    if not written:
        raise DataError(
            f"{law.lines} lines over {law.customers} customers left nobody with a purchase; ask for more lines"
        )
    return Made(purchases, products, written)


def chunks(law: Law, shelf: Shelf) -> Iterator[Lines]:
    """All customers' lines, in order."""
    for chunk, first in enumerate(range(0, law.customers, CHUNK_CUSTOMERS)):
        count = min(CHUNK_CUSTOMERS, law.customers - first)
        yield _lines(law, shelf, np.random.default_rng([law.seed, 1, chunk]), first, count)


def shelf_of(law: Law) -> Shelf:
    """Draw the products."""
    rng = np.random.default_rng([law.seed, 0])
    categories = min(CATEGORIES, max(1, law.products // 5))
    category = rng.integers(0, categories, law.products)
    late = rng.random(law.products) < LAUNCHED_LATE
    launch = np.where(late, rng.uniform(0, law.days, law.products), 0.0)
    order = np.lexsort((rng.random(law.products), category))
    start = np.searchsorted(category[order], np.arange(categories + 1))
    rank = np.arange(law.products) - start[category[order]]
    weight = (rank + 2.7) ** -1.05
    before = np.concatenate([[0.0], np.cumsum(weight)])
    sums = np.maximum(before[start[1:]] - before[start[:-1]], 1e-12)
    owner = category[order]
    cumulated = (before[1:] - before[start[owner]]) / sums[owner]
    # A category nobody was put into can't be drawn from.
    mixes = rng.dirichlet(np.full(categories, 0.1), ARCHETYPES) * (np.diff(start) > 0)
    mixes += 1e-9 * (np.diff(start) > 0)
    archetypes = np.cumsum(mixes / mixes.sum(axis=1, keepdims=True), axis=1)
    return Shelf(category, launch, order, start, cumulated, archetypes)


def _lines(law: Law, shelf: Shelf, rng: np.random.Generator, first: int, count: int) -> Lines:
    # A growing base: more sign up late than early. Nobody signs up in the last tenth.
    signup = 0.9 * law.days * np.sqrt(rng.random(count)) * rng.integers(0, 2, count)
    life = law.days - signup
    activity = rng.lognormal(0.0, 1.1, count)
    expected = activity * life
    mean = np.exp(1.1**2 / 2) * law.days * (0.5 + 0.5 * (1 - 0.9 * 2 / 3))
    baskets = rng.poisson(expected * law.lines / (law.customers * BASKET_SIZE * mean))
    owner = np.repeat(np.arange(count), baskets)
    day = signup[owner] + rng.random(len(owner)) * life[owner]
    # The weekly bump: a third of the baskets moves to the Saturday of its week.
    saturday = np.floor(day / 7) * 7 + 5
    moves = (rng.random(len(owner)) < 1 / 3) & (saturday >= signup[owner]) & (saturday < law.days)
    day = np.where(moves, saturday, np.floor(day))
    second = (day * SECONDS_PER_DAY).astype(np.int64) + rng.integers(8 * 3600, 20 * 3600, len(owner))
    order = np.lexsort((second, owner))
    owner, second = owner[order], second[order]
    sizes = rng.geometric(1 / BASKET_SIZE, len(owner))
    basket = np.repeat(np.arange(len(owner)), sizes)
    customer = owner[basket]
    product = _resolved(_sources(rng, customer), _explored(rng, shelf, customer, second[basket], count))
    return Lines(customer + first, basket, second[basket], product)


def _sources(rng: np.random.Generator, customer: Ints) -> Ints:
    """[lines] the line that each one copies; itself where it explores."""
    lines = np.arange(len(customer))
    count = int(customer.max(initial=-1)) + 1
    explore = rng.beta(4, 6, count)[customer]
    begin = np.searchsorted(customer, np.arange(count))[customer]
    source = lines - 1 - rng.exponential(COPY_LAG, len(customer)).astype(np.int64)
    own = (rng.random(len(customer)) < explore) | (lines == begin)
    return np.where(own, lines, np.maximum(source, begin))


def _explored(rng: np.random.Generator, shelf: Shelf, customer: Ints, second: Ints, count: int) -> Ints:
    """[lines] a fresh draw for every line; those that copy don't use theirs."""
    taste = rng.integers(0, ARCHETYPES, (count, 2))
    side = (rng.random(len(customer)) < 0.25).astype(np.int64)
    cumulated = shelf.archetypes[taste[customer, side]]
    category = (rng.random(len(customer))[:, None] > cumulated).sum(axis=1)
    category = np.minimum(category, shelf.archetypes.shape[1] - 1)
    product = _draw(rng, shelf, category)
    early = shelf.launch[product] * SECONDS_PER_DAY > second
    # Not launched yet: the category's best seller instead, where that was there from the start.
    head = shelf.order[shelf.start[category]]
    return np.where(early & (shelf.launch[head] == 0), head, product)


def _draw(rng: np.random.Generator, shelf: Shelf, category: Ints) -> Ints:
    """One product of each category, by its weight: a search in the cumulated weights, all categories at once."""
    keys = shelf.category[shelf.order] + shelf.cumulated
    place = np.searchsorted(keys, category + rng.random(len(category)), side="left")
    return shelf.order[np.minimum(place, shelf.start[category + 1] - 1)]


def _resolved(source: Ints, fresh: Ints) -> Ints:
    """Follow copies to the line that explored, by pointer doubling: log2 of the longest chain steps."""
    while True:
        further = source[source]
        if np.array_equal(further, source):
            return fresh[source]
        source = further


_PURCHASES = pa.schema(
    [
        ("customer", pa.string()),
        ("product", pa.string()),
        ("time", pa.timestamp("s")),
        ("basket", pa.string()),
    ]
)


def _purchase_table(lines: Lines) -> pa.Table:
    # A basket's number starts again in each chunk; with its customer it is unique.
    columns = [
        _ids("c", lines.customer),
        _ids("p", lines.product),
        pa.array(START + lines.second.astype("timedelta64[s]")),
        _ids("b", lines.basket),
    ]
    return pa.Table.from_arrays(columns, schema=_PURCHASES)


def _product_table(shelf: Shelf) -> pa.Table:
    count = len(shelf.category)
    titles = [f"Product {product} of shelf {shelf.category[product]}" for product in range(count)]
    return pa.table(
        {
            "product": _ids("p", np.arange(count)),
            "title": titles,
            "category": _ids("shelf-", shelf.category),
        }
    )


def _ids(prefix: str, numbers: Ints) -> pa.Array:
    """``prefix`` and the number, made once for each distinct one."""
    distinct, place = np.unique(numbers, return_inverse=True)
    names = pa.array([f"{prefix}{number}" for number in distinct], pa.string())
    return names.take(pa.array(place))
