"""What a window held, for customers known before its cut."""

import numpy as np

from hotshelf_server.runtimes.recommender.state import Facts
from hotshelf_trainer.recommendation.artifacts import Purchases, Truth, Window


def truth_of(purchases: Purchases, window: Window, facts: Facts) -> Truth:
    """Distinct products bought, and kept, in ``window`` by every customer that ``facts`` (as of its cut) knows."""
    inside = (purchases.time >= window.cut) & (purchases.time < window.end) & (purchases.returned >= window.end)
    products = len(purchases.catalogue.products)
    keys = np.unique(purchases.customer[inside].astype(np.int64) * products + purchases.product[inside])
    owner, product = keys // products, (keys % products).astype(np.int32)
    index = _known(purchases, facts)[owner]
    known = index >= 0
    cold = len(np.unique(owner[~known]))
    person, owner, product = owner[known], index[known], product[known]
    customers, counts = np.unique(owner, return_counts=True)
    start = np.zeros(len(customers) + 1, dtype=np.int64)
    np.cumsum(counts, out=start[1:])
    owners = np.repeat(np.arange(len(facts.customers), dtype=np.int64), np.diff(facts.start))
    bought = owners * products + facts.product
    asked = owner.astype(np.int64) * products + product
    # The facts are sorted by customer and product.
    place = np.minimum(np.searchsorted(bought, asked), len(bought) - 1)
    before = bought[place] == asked
    return Truth(customers.astype(np.int32), person[start[:-1]].astype(np.int32), start, product, before, cold)


def _known(purchases: Purchases, facts: Facts) -> np.ndarray:
    """[customers of purchases] index among the facts' customers, or -1."""
    past = purchases.customer[(purchases.time < facts.end) & (purchases.returned >= facts.end)]
    seen = np.flatnonzero(np.bincount(past, minlength=len(purchases.customers)))
    index = np.full(len(purchases.customers), -1, dtype=np.int32)
    index[seen] = np.arange(len(seen), dtype=np.int32)
    return index
