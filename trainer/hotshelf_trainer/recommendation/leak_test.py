"""Does a feature know the future? The file is read again as if nothing had happened since a cut, and must say the same.

What the rankers go by at the cut is compared bit for bit: the facts of every customer and product, from which
EASE and ALS learn and candidates are drawn, then the candidates and features of a sample of customers. What was
learned is handed over as it is: it sees nothing but the facts. Indices differ, since later names are gone; things
are matched by name.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.feature_names import CUSTOMER, NAMES, PRODUCT
from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.state import Facts, Ints, State
from hotshelf_trainer.recommendation.artifacts import Rows
from hotshelf_trainer.verdict import Check

NAME = "no feature knows the future"
SAMPLE = 100
"""Customers whose candidates are compared: all go through the same code, and the facts are compared for everybody."""

Array = npt.NDArray[np.generic]


def leak_test(now: State, then: State, customers: Ints, rows: Callable[[State, Ints], Rows], since: str) -> Check:
    """Compare a state with one from a file without the rows since the state's end.

    ``rows`` gives candidates and features of customers, indices of the facts'; ``customers`` are those to sample from;
    ``since`` is the end's date, in words. Passed where nothing differs; refused by the names of what does.
    """
    sample = customers[:: max(1, len(customers) // SAMPLE)][:SAMPLE]
    place = _places(now.catalogue.products, then.catalogue.products)
    changed = list(_changed_names(now, then)) or list(_changed_facts(now, then, place))
    if not changed:
        changed = list(_changed_rows(rows(now, sample), rows(then, sample), place))
    what = f"{', '.join(changed)} changed"
    if not changed:
        known = f"{len(now.facts.customers):,} customers and {len(then.catalogue.products):,} products"
        what = f"the facts of {known} and the candidates and features of {len(sample)} customers are the same"
    return Check(NAME, not changed, f"{what} when all that happened since {since} is removed")


def _changed_names(now: State, then: State) -> Iterator[str]:
    if not _equal_names(now.facts.customers, then.facts.customers):
        yield "who was known"
    if not set(then.catalogue.products) <= set(now.catalogue.products):
        yield "which products there were"


def _changed_facts(now: State, then: State, place: Ints) -> Iterator[str]:
    yield from _differing(_by_customer(now.facts), _by_customer(then.facts))
    if not _same(now.facts.product, place[then.facts.product]):
        yield "which products were bought"
    yield from _differing(_by_product(now.facts, place), _by_product(then.facts, slice(None)))
    unknown = np.ones(len(now.catalogue.products), dtype=bool)
    unknown[place] = False
    if now.facts.product_features[unknown, PRODUCT.index("product_sold")].any():
        yield "sales of products nobody had bought"
    theirs, others = ([state.catalogue.categories[one] for one in state.catalogue.category] for state in (now, then))
    if [theirs[one] for one in place] != others:
        yield "products' categories"


def _changed_rows(ours: Rows, theirs: Rows, place: Ints) -> Iterator[str]:
    if not (_same(ours.start, theirs.start) and _same(ours.product, place[theirs.product])):
        yield "candidates"
        return
    for column, name in enumerate(NAMES):
        if not _same(ours.features[:, column], theirs.features[:, column]):
            yield name


def _by_customer(facts: Facts) -> Mapping[str, Array]:
    pairs = ("start", "baskets", "first_age", "last_age", "decayed")
    columns = {name: facts.customer_features[:, column] for column, name in enumerate(CUSTOMER)}
    return {name: getattr(facts, name) for name in pairs} | columns


def _by_product(facts: Facts, order: Ints | slice) -> Mapping[str, Array]:
    columns = {name: facts.product_features[order, column] for column, name in enumerate(PRODUCT)}
    return {"popularity": facts.popularity[order], **columns}


def _differing(ours: Mapping[str, Array], theirs: Mapping[str, Array]) -> Iterator[str]:
    yield from (name for name, column in ours.items() if not _same(column, theirs[name]))


def _same(one: Array, other: Array) -> bool:
    """To the bit, NaN included."""
    return one.shape == other.shape and one.tobytes() == other.astype(one.dtype).tobytes()


def _equal_names(one: Names, other: Names) -> bool:
    return _same(one.offsets, other.offsets) and _same(one.blob, other.blob)


def _places(now: Names, then: Names) -> Ints:
    """[then] where each name stands in ``now``, or -1."""
    index = {name: place for place, name in enumerate(now)}
    return np.array([index.get(name, -1) for name in then], dtype=np.int32)
