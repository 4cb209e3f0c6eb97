"""What was known at a cut: histories, and the features of customers and products that don't depend on a candidate.

Every function takes rows that happened before the cut and nothing else; that is the whole defence against time leaks,
and a test recomputes facts with all later rows deleted.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.feature_names import CUSTOMER, PRODUCT
from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.state import Facts, Floats, Ints, Settings
from hotshelf_trainer.recommendation.artifacts import SECONDS_PER_DAY, Purchases

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Past:
    """The rows before a cut, sorted by customer, product, time; ages in days before the cut."""

    customer: Ints
    product: Ints
    basket: Ints
    age: Doubles
    pair: npt.NDArray[np.int64]
    """[pairs] first row of each (customer, product)."""

    @property
    def first(self) -> npt.NDArray[np.bool_]:
        """Whether a row is the customer's first purchase of the product."""
        mask = np.zeros(len(self.customer), dtype=bool)
        mask[self.pair] = True
        return mask


def past_of(purchases: Purchases, cut: float) -> Past:
    """Rows bought before ``cut`` and not taken back before it."""
    seen = (purchases.time < cut) & (purchases.returned >= cut)
    customer, product = purchases.customer[seen], purchases.product[seen]
    changed = np.ones(len(customer), dtype=bool)
    changed[1:] = (np.diff(customer) != 0) | (np.diff(product) != 0)
    return Past(
        customer=customer,
        product=product,
        basket=purchases.basket[seen],
        age=(cut - purchases.time[seen]) / SECONDS_PER_DAY,
        pair=np.flatnonzero(changed),
    )


def facts_at(purchases: Purchases, cut: float, settings: Settings) -> Facts:
    """The facts as of ``cut``. Customers without a purchase before it are unknown."""
    past = past_of(purchases, cut)
    owner = past.customer[past.pair]
    # Sorted already; sorting again takes longer than all else.
    known = owner[np.flatnonzero(np.diff(owner, prepend=-1))]
    last = np.append(past.pair[1:], len(past.customer)) - 1
    baskets = np.diff(np.append(past.pair, len(past.customer)))
    names = purchases.customers
    return Facts(
        end=cut,
        customers=names if len(known) == len(names) else Names.of([names[index] for index in known]),
        start=np.append(np.searchsorted(owner, known), len(owner)).astype(np.int64),
        product=past.product[past.pair],
        baskets=baskets.astype(np.float32),
        first_age=past.age[past.pair].astype(np.float32),
        last_age=past.age[last].astype(np.float32),
        decayed=np.add.reduceat(np.exp(-past.age / settings.frequency_decay_days), past.pair).astype(np.float32),
        customer_features=_customer_features(past, len(names))[known],
        product_features=_product_features(past, len(purchases.catalogue.products)),
        popularity=_sold(past, len(purchases.catalogue.products), settings.popularity_days),
    )


def _sold(past: Past, products: int, days: float) -> Floats:
    """Baskets that held the product in the last ``days``."""
    return np.bincount(past.product[past.age <= days], minlength=products).astype(np.float32)


def _ratio(top: npt.ArrayLike, bottom: npt.ArrayLike) -> Doubles:
    """top / bottom, NaN where there is nothing to divide by."""
    top, bottom = np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    shares: Doubles = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
    return shares


def _customer_features(past: Past, customers: int) -> Floats:
    """[customers, CUSTOMER]; rows of customers without a past are meaningless."""
    # One row of each basket, whichever: all of them have its customer and its age.
    row = np.full(int(past.basket.max(initial=-1)) + 1, -1)
    row[past.basket] = np.arange(len(past.basket))
    row = row[row >= 0]
    owner, age = past.customer[row], past.age[row]
    baskets = np.bincount(owner, minlength=customers)
    youngest, oldest = np.full(customers, np.inf), np.zeros(customers)
    np.minimum.at(youngest, owner, age)
    np.maximum.at(oldest, owner, age)
    lines = np.bincount(past.customer, minlength=customers)
    products = np.bincount(past.customer[past.pair], minlength=customers)
    recent = past.age <= 28
    recent_lines = np.bincount(past.customer[recent], minlength=customers)
    recent_new = np.bincount(past.customer[recent & past.first], minlength=customers)
    columns = {
        "customer_baskets": baskets,
        "customer_products": products,
        "customer_days_since_basket": youngest,
        "customer_days_since_first": oldest,
        "customer_basket_gap": _ratio(oldest - np.minimum(youngest, oldest), baskets - 1),
        "customer_basket_size": _ratio(lines, baskets),
        "customer_explore_share": _ratio(products, lines),
        "customer_recent_explore_share": _ratio(recent_new, recent_lines),
        "customer_recent_baskets": np.bincount(owner[age <= 28], minlength=customers),
    }
    return np.column_stack([columns[name] for name in CUSTOMER]).astype(np.float32)


def _product_features(past: Past, products: int) -> Floats:
    """[products, PRODUCT]; products not sold yet have zeros and NaN."""
    sold = {days: _sold(past, products, days).astype(np.float64) for days in (7, 14, 28, 91)}
    total = np.bincount(past.product, minlength=products)
    pair_product = past.product[past.pair]
    buyers = np.bincount(pair_product, minlength=products)
    last = np.append(past.pair[1:], len(past.customer)) - 1
    times = np.diff(np.append(past.pair, len(past.customer)))
    again = times > 1
    repeats = np.bincount(pair_product[again], minlength=products)
    span = np.bincount(pair_product, weights=past.age[past.pair] - past.age[last], minlength=products)
    gaps = np.bincount(pair_product, weights=times - 1, minlength=products)
    oldest, youngest = np.full(products, np.nan), np.full(products, np.nan)
    np.fmax.at(oldest, past.product, past.age)
    np.fmin.at(youngest, past.product, past.age)
    new = np.bincount(past.product[past.first & (past.age <= 28)], minlength=products)
    columns = {
        "product_sold_7": sold[7],
        "product_sold_14": sold[14],
        "product_sold_28": sold[28],
        "product_sold_91": sold[91],
        "product_sold": total,
        "product_trend": _ratio(sold[7], sold[28]),
        "product_season_trend": _ratio(sold[28], sold[91]),
        "product_buyers": buyers,
        "product_repeat_share": _ratio(repeats, buyers),
        "product_repeat_gap": _ratio(span, gaps),
        "product_baskets_per_buyer": _ratio(total, buyers),
        "product_new_share_28": _ratio(new, sold[28]),
        "product_days_since_first_sale": oldest,
        "product_days_since_sale": youngest,
        # How many sold more: products that were never sold, some of them not yet, change nobody's rank.
        "product_rank": products - np.searchsorted(np.sort(sold[28]), sold[28], side="right"),
    }
    return np.column_stack([columns[name] for name in PRODUCT]).astype(np.float32)
