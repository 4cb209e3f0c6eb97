"""What must hold of purchases before anything is learned from them."""

import numpy as np

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recommendation.artifacts import SECONDS_PER_DAY, DataProfile, Purchases

LEAST_CUSTOMERS = 20
LEAST_PRODUCTS = 20


def check(purchases: Purchases) -> DataProfile:
    """Profile the purchases; raises ``DataError`` where they are too few to rank anything."""
    customers, products = len(purchases.customers), len(purchases.catalogue.products)
    if customers < LEAST_CUSTOMERS or products < LEAST_PRODUCTS:
        raise DataError(
            f"{customers} customers and {products} products after filters; "
            f"expected at least {LEAST_CUSTOMERS} and {LEAST_PRODUCTS}"
        )
    pairs = np.count_nonzero((np.diff(purchases.customer) != 0) | (np.diff(purchases.product) != 0)) + 1
    return DataProfile(
        rows=len(purchases),
        customers=customers,
        products=products,
        baskets=int(np.count_nonzero(np.bincount(purchases.basket))),
        days=(purchases.end - purchases.begin) / SECONDS_PER_DAY,
        returned_share=float(np.isfinite(purchases.returned).mean()),
        repeat_share=1 - pairs / len(purchases),
    )
