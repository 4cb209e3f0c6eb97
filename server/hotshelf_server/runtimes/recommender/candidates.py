"""Which products are worth ranking for one customer: the same code when training rows are made and when serving."""

from dataclasses import dataclass

import numpy as np

from hotshelf_server.runtimes.recommender.state import Floats, History, Ints, State


@dataclass(frozen=True, slots=True)
class FoldIn:
    """The collaborative models' view of what a customer has: each product once, its weight fading with age."""

    places: Ints
    """Places (see ``Learned``) of the modelled products that were bought or are in the open basket."""
    weights: Floats
    """exp(-age / input_decay_days); 1 for the open basket."""
    ease: Floats
    """[places] EASE's score of every modelled product."""
    ease_recent: Floats
    """[places] EASE's score of the newest part alone: the open basket and what was bought in the last days."""
    als: Floats
    """[places] ALS's score of every modelled product."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Products to rank, without duplicates: the first ``repeats`` are the customer's own, the others new to them."""

    product: Ints
    repeats: int
    rows: Ints
    """[repeats] where the own products stand in the customer's ``History``."""


def fold_in(state: State, history: History, basket: Ints) -> FoldIn:
    """Score all modelled products for a history and an open basket (catalogue indices), without training."""
    products, ages = history.product, history.last_age
    if len(basket):
        earlier = ~np.isin(products, basket)
        products = np.concatenate([products[earlier], basket])
        ages = np.concatenate([ages[earlier], np.zeros(len(basket), dtype=np.float32)])
    places = state.place[products]
    modelled = places >= 0
    places, ages = places[modelled], ages[modelled]
    weights = np.exp(ages * np.float32(-1.0 / state.settings.input_decay_days))
    recent = np.exp(ages * np.float32(-1.0 / state.settings.recent_decay_days))
    # One gather of the neighbours serves both inputs.
    reached, given = state.learned.neighbours[places], state.learned.weights[places]
    ease, ease_recent = (
        np.bincount(reached.ravel(), (given * row[:, None]).ravel(), len(state.learned.products)).astype(np.float32)
        for row in (weights, recent)
    )
    return FoldIn(places, weights, ease, ease_recent, _als(state, places, weights))


def _als(state: State, places: Ints, weights: Floats) -> Floats:
    """Solve for the customer's factors with the products' held fixed (Hu, Koren, Volinsky 2008, equation 4)."""
    learned = state.learned
    if not len(places) or not learned.factors.shape[1]:
        return np.zeros(len(learned.products), dtype=np.float32)
    own = learned.factors[places]
    confidence = np.float32(state.settings.als_confidence) * weights
    matrix = learned.gram + own.T @ (own * confidence[:, None])
    customer = np.linalg.solve(matrix, own.T @ (1 + confidence))
    return np.asarray(learned.factors @ customer, dtype=np.float32)


def select(state: State, history: History, folded: FoldIn, hidden: Ints, at_least: int = 0) -> Candidates:
    """Own products by decayed frequency; new ones by EASE, ALS and recent popularity.

    ``hidden`` (catalogue indices) never come back. ``at_least`` makes the pool that large where the catalogue allows,
    by taking more own and more popular products.
    """
    settings = state.settings
    rows = _own(history, hidden)[: max(settings.history_candidates, at_least)]
    taken = np.zeros(len(state.place), dtype=bool)
    taken[history.product] = True
    taken[hidden] = True
    modelled = state.learned.products
    new: list[Ints] = []
    for scores, limit in ((folded.ease, settings.ease_candidates), (folded.als, settings.als_candidates)):
        fresh = modelled[_best(np.where(taken[modelled], np.float32(0), scores), limit)]
        taken[fresh] = True
        new.append(fresh)
    limit = max(settings.popular_candidates, at_least)
    popular = state.popular[: limit + int(np.count_nonzero(taken))]
    new.append(popular[~taken[popular]][:limit])
    return Candidates(np.concatenate([history.product[rows], *new]), len(rows), rows)


def _own(history: History, hidden: Ints) -> Ints:
    """Rows of the history by decayed frequency, then baskets, then recency; ties by product."""
    order = np.lexsort((history.product, history.last_age, -history.baskets, -history.decayed))
    if len(hidden):
        order = order[~np.isin(history.product[order], hidden)]
    return order.astype(np.int32)


def _best(scores: Floats, count: int) -> Ints:
    """Places of the ``count`` highest positive scores, best first, ties by place."""
    count = min(count, len(scores))
    if not count:
        return np.empty(0, dtype=np.int32)
    floor = np.partition(scores, len(scores) - count)[len(scores) - count]
    places = np.flatnonzero((scores >= floor) & (scores > 0))
    return places[np.argsort(-scores[places], kind="stable")][:count].astype(np.int32)
