"""A recommender small enough to check by hand."""

from typing import Any

import lightgbm
import numpy as np

from hotshelf_server.runtimes.booster import Booster
from hotshelf_server.runtimes.recommender.feature_names import CUSTOMER, NAMES, PRODUCT
from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.ranker import Rankers
from hotshelf_server.runtimes.recommender.state import Catalogue, Facts, Learned, Settings, State

END = 1_000 * 86_400.0


def small_state(**settings: Any) -> State:
    """Customers ann (apple 3 times, bread once) and bob (cake once); milk goes with apple; tea was never sold."""
    products = ["apple", "bread", "cake", "milk", "tea"]
    product_features = np.zeros((5, len(PRODUCT)), dtype=np.float32)
    product_features[:, PRODUCT.index("product_sold")] = [3, 1, 1, 9, 0]
    product_features[:, PRODUCT.index("product_repeat_gap")] = 7
    customer_features = np.ones((2, len(CUSTOMER)), dtype=np.float32)
    customer_features[0, CUSTOMER.index("customer_baskets")] = 3
    facts = Facts(
        end=END,
        customers=Names.of(["ann", "bob"]),
        start=np.array([0, 2, 3]),
        product=np.array([0, 1, 2], dtype=np.int32),
        baskets=np.array([3, 1, 1], dtype=np.float32),
        first_age=np.array([40, 5, 9], dtype=np.float32),
        last_age=np.array([13.5, 5, 9], dtype=np.float32),
        decayed=np.array([1.2, 0.8, 0.7], dtype=np.float32),
        customer_features=customer_features,
        product_features=product_features,
        popularity=np.array([1, 0, 1, 5, 0], dtype=np.float32),
    )
    learned = Learned(
        products=np.array([0, 1, 3], dtype=np.int32),
        neighbours=np.array([[1, 2], [0, 2], [0, 1]], dtype=np.int32),
        weights=np.array([[0.1, 0.6], [0.1, -0.2], [0.6, -0.2]], dtype=np.float32),
        factors=np.array([[1, 0], [0, 1], [0.9, 0.1]], dtype=np.float32),
        gram=np.array([[2.81, 0.09], [0.09, 2.01]], dtype=np.float32),
    )
    catalogue = Catalogue(
        products=Names.of(products),
        titles=Names.of(["Apple, red", "Bread", "", "Milk", "Tea"]),
        category=np.array([0, 1, 1, 2, 2], dtype=np.int32),
        categories=Names.of(["fruit", "bakery", "other"]),
    )
    return State.of(Settings(**settings), catalogue, facts, learned)


def small_rankers() -> Rankers:
    """Two rankers that learned to like what EASE likes, and frequency in the mixed one."""
    rng = np.random.default_rng(0)
    matrix = rng.random((400, len(NAMES)))
    ease, often = NAMES.index("ease"), NAMES.index("bought_baskets")

    def head(target: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Booster:
        data = lightgbm.Dataset(matrix, target, feature_name=list(NAMES))
        options = {"verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5, "seed": 0}
        return Booster(lightgbm.train(options, data, 5).model_to_string())

    return Rankers(mixed=head(matrix[:, ease] + matrix[:, often]), new=head(matrix[:, ease]))
