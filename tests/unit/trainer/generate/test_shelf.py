import numpy as np
import pytest

from hotshelf_trainer.generate import Law
from hotshelf_trainer.generate.law import ARCHETYPES
from hotshelf_trainer.generate.shelf import Shelf, drawn, shelf_of

DRAWS = 40_000


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return shelf_of(Law(customers=10, products=300, lines=100, days=100, seed=2))


def test_nothing_is_drawn_before_its_launch(shelf: Shelf) -> None:
    rng = np.random.default_rng(0)
    day = rng.uniform(0, 100, DRAWS)
    product = drawn(shelf, rng, rng.integers(0, ARCHETYPES, DRAWS), day)
    assert (shelf.launch[product] <= day).all()
    assert (shelf.launch[product] > 0).any(), "late products are drawn once they are there"


def test_draws_follow_the_weights_of_what_is_launched(shelf: Shelf) -> None:
    archetype, day = 3, 50.0
    product = drawn(shelf, np.random.default_rng(1), np.full(DRAWS, archetype), np.full(DRAWS, day))
    weight = np.where(shelf.launch <= day, shelf.weight, 0.0)
    share = weight / np.bincount(shelf.category, weight)[shelf.category]
    expected = DRAWS * share * shelf.archetypes[archetype][shelf.category]
    found = np.bincount(product, minlength=300)
    assert (found[expected == 0] == 0).all()
    # Poisson deviations: six of them in 300 products are far beyond chance.
    assert (np.abs(found - expected) <= 6 * np.sqrt(expected) + 3).all()


def test_about_a_third_is_launched_late_and_never_a_categorys_best_seller(shelf: Shelf) -> None:
    assert 0.15 < (shelf.launch > 0).mean() < 0.35
    best = shelf.order[shelf.start[:-1][np.diff(shelf.start) > 0]]
    assert (shelf.launch[best] == 0).all()


def test_prices_are_positive_and_closer_within_a_category(shelf: Shelf) -> None:
    assert (shelf.price > 0).all()
    log = np.log(shelf.price)
    within = np.array([log[shelf.category == one].std() for one in np.unique(shelf.category)])
    assert within.mean() < 0.7 * log.std()


@pytest.mark.parametrize("products", [1, 2, 7])
def test_a_shelf_may_be_tiny(products: int) -> None:
    tiny = shelf_of(Law(customers=1, products=products, lines=1))
    product = drawn(tiny, np.random.default_rng(0), np.zeros(50, np.int64), np.zeros(50))
    assert set(product.tolist()) <= set(range(products))
