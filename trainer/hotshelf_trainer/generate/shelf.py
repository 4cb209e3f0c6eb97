"""The products, and draws from them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hotshelf_trainer.generate.law import (
    ARCHETYPES,
    CATEGORY_PRICE_SIGMA,
    LAUNCHED_LATE,
    PRODUCT_PRICE_SIGMA,
    TYPICAL_PRICE,
    ZIPF_POWER,
    ZIPF_SHIFT,
    Doubles,
    Ints,
    Law,
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The products and the tastes for them."""

    category: Ints
    launch: Doubles
    """[products] day of launch; 0 for those that were there from the start, each category's best seller among them."""
    price: Doubles
    """[products] of one piece, with two decimals."""
    order: Ints
    """[products] sorted by category, then rank."""
    start: Ints
    """[categories + 1] into ``order``."""
    weight: Doubles
    """[products] Zipf-Mandelbrot, not normalised."""
    ladder: Doubles
    """[products] in ``order``: its category's number, plus the share of the category's weight up to and with it."""
    archetypes: Doubles
    """[archetypes, categories] shares of the categories."""
    rungs: Doubles
    """[archetypes * categories] the archetype's number, plus its shares up to and with the category's."""


@lru_cache(maxsize=1)
def shelf_of(law: Law) -> Shelf:
    """Draw the products. Kept, since every chunk that a process makes asks for the same."""
    rng = np.random.default_rng([law.seed, 0])
    category = rng.integers(0, law.categories, law.products)
    order = np.lexsort((rng.random(law.products), category))
    start = np.searchsorted(category[order], np.arange(law.categories + 1))
    owner = category[order]
    ranked = (np.arange(law.products) - start[owner] + ZIPF_SHIFT) ** -ZIPF_POWER
    weight = np.empty(law.products)
    weight[order] = ranked
    before = np.concatenate([[0.0], np.cumsum(ranked)])
    sums = np.maximum(before[start[1:]] - before[start[:-1]], 1e-12)
    launch = np.where(rng.random(law.products) < LAUNCHED_LATE, rng.uniform(0, law.days, law.products), 0.0)
    filled = np.diff(start) > 0
    launch[order[start[:-1][filled]]] = 0.0
    # A category nobody was put into can't be drawn from.
    mixes = (rng.dirichlet(np.full(law.categories, 0.1), ARCHETYPES) + 1e-9) * filled
    archetypes = mixes / mixes.sum(axis=1, keepdims=True)
    usual = TYPICAL_PRICE * rng.lognormal(0.0, CATEGORY_PRICE_SIGMA, law.categories)
    price: Doubles = np.maximum(usual[category] * rng.lognormal(0.0, PRODUCT_PRICE_SIGMA, law.products), 0.01)
    return Shelf(
        category=category,
        launch=launch,
        price=price.round(2),
        order=order,
        start=start,
        weight=weight,
        ladder=owner + (before[1:] - before[start[owner]]) / sums[owner],
        archetypes=archetypes,
        rungs=(np.arange(ARCHETYPES)[:, None] + np.cumsum(archetypes, axis=1)).ravel(),
    )


def drawn(shelf: Shelf, rng: np.random.Generator, archetype: Ints, day: Doubles) -> Ints:
    """One product for each archetype and day: category by the archetype, product by weight among those launched."""
    category = _climbed(shelf.rungs, archetype, rng) - archetype * shelf.archetypes.shape[1]
    category = np.clip(category, 0, shelf.archetypes.shape[1] - 1)
    product = _of_category(shelf, rng, category)
    early = np.flatnonzero(shelf.launch[product] > day)
    # Ends, since each category's best seller was there from the start.
    while len(early):
        product[early] = _of_category(shelf, rng, category[early])
        early = early[shelf.launch[product[early]] > day[early]]
    return product


def _of_category(shelf: Shelf, rng: np.random.Generator, category: Ints) -> Ints:
    place = _climbed(shelf.ladder, category, rng)
    return shelf.order[np.clip(place, shelf.start[category], shelf.start[category + 1] - 1)]


def _climbed(ladder: Doubles, number: Ints, rng: np.random.Generator) -> Ints:
    """Where a uniform draw above each number falls: one search in all cumulated shares at once."""
    return np.searchsorted(ladder, number + rng.random(len(number)), side="right")
