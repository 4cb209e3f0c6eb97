"""What the ranker sees of a candidate: one function makes it, for training and for serving."""

import numpy as np

from hotshelf_server.runtimes.recommender.candidates import Candidates, FoldIn
from hotshelf_server.runtimes.recommender.feature_names import (
    CATEGORY,
    COLLABORATIVE,
    CUSTOMER,
    NAMES,
    PERSONAL,
    PRODUCT,
)
from hotshelf_server.runtimes.recommender.state import SECONDS_PER_DAY, Floats, History, State

AGES = tuple(CUSTOMER.index(name) for name in ("customer_days_since_basket", "customer_days_since_first"))
"""Columns of the customer's block that grow by a day each day."""


def rank_within(scores: Floats) -> Floats:
    """0 for the highest; ties in order."""
    ranks = np.empty(len(scores), dtype=np.float32)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(len(scores), dtype=np.float32)
    return ranks


def features(state: State, history: History, folded: FoldIn, candidates: Candidates, as_of: float) -> Floats:
    """[candidates, NAMES], float32; NaN where a feature doesn't apply."""
    count = len(candidates.product)
    matrix = np.empty((count, len(NAMES)), dtype=np.float32)
    cursor = 0
    for width, block in (
        (len(PERSONAL), _personal(state, history, candidates)),
        (len(COLLABORATIVE), _collaborative(state, folded, candidates)),
        (len(CATEGORY), _category(state, history, candidates)),
        (len(CUSTOMER), _customer(state, history, as_of)),
        (len(PRODUCT), state.facts.product_features[candidates.product]),
    ):
        matrix[:, cursor : cursor + width] = block
        cursor += width
    return matrix


def _personal(state: State, history: History, candidates: Candidates) -> Floats:
    """Columns of PERSONAL; NaN for new products (0 for the counts)."""
    block = np.full((len(candidates.product), len(PERSONAL)), np.nan, dtype=np.float32)
    block[:, :4] = 0
    own, rows = block[: candidates.repeats], candidates.rows
    if not len(rows):
        return block
    baskets, last, first = history.baskets[rows], history.last_age[rows], history.first_age[rows]
    decayed = history.decayed[rows]
    total = state.facts.customer_features[history.customer, CUSTOMER.index("customer_baskets")]
    gap = np.where(baskets > 1, (first - last) / np.maximum(baskets - 1, 1), np.float32(np.nan))
    usual = state.facts.product_features[history.product[rows], PRODUCT.index("product_repeat_gap")]
    columns = {
        "bought_baskets": baskets,
        "bought_share": baskets / total,
        "bought_decayed": decayed,
        "bought_decayed_share": decayed / max(float(history.decayed.sum()), 1e-9),
        "bought_rank": np.arange(len(rows)),
        "days_since_bought": last,
        "days_since_first_bought": first,
        "purchase_rate": baskets / (first + 7),
        "personal_gap": gap,
        "overdue": last / (gap + 1),
        "in_last_basket": last <= history.last_age.min() + np.float32(0.01),
        "bought_recency_rank": rank_within(-last),
        "overdue_for_product": last / (usual + 1),
    }
    for column, name in enumerate(PERSONAL):
        own[:, column] = columns[name]
    return block


def _collaborative(state: State, folded: FoldIn, candidates: Candidates) -> Floats:
    """Columns of COLLABORATIVE; products that were not modelled score 0."""
    places = state.place[candidates.product]
    modelled = places >= 0
    ease = np.where(modelled, folded.ease[places], 0) if len(folded.ease) else np.zeros(len(places), np.float32)
    als = np.where(modelled, folded.als[places], 0) if len(folded.als) else np.zeros(len(places), np.float32)
    recent = np.where(modelled, folded.ease_recent[places], 0) if len(folded.ease) else ease
    block = np.empty((len(places), len(COLLABORATIVE)), dtype=np.float32)
    block[:, 0] = ease
    block[:, 1] = ease / max(float(folded.weights.sum()), 1e-9)
    block[:, 2] = rank_within(ease)
    block[:, 3] = recent
    block[:, 4] = als
    block[:, 5] = rank_within(als)
    return block


def _category(state: State, history: History, candidates: Candidates) -> Floats:
    """Columns of CATEGORY: how the customer buys what stands on the same shelf."""
    category = state.catalogue.category
    size = len(state.catalogue.categories)
    theirs, wanted = category[history.product], category[candidates.product]
    decay = history.decayed
    lines = np.bincount(theirs, weights=history.baskets, minlength=size)
    decayed = np.bincount(theirs, weights=decay, minlength=size)
    products = np.bincount(theirs, minlength=size)
    since = np.full(size, np.nan, dtype=np.float32)
    oldest_first = np.argsort(-history.last_age, kind="stable")
    since[theirs[oldest_first]] = history.last_age[oldest_first]
    block = np.empty((len(wanted), len(CATEGORY)), dtype=np.float32)
    block[:, 0] = (lines / max(lines.sum(), 1e-9))[wanted]
    block[:, 1] = (decayed / max(decayed.sum(), 1e-9))[wanted]
    block[:, 2] = since[wanted]
    block[:, 3] = products[wanted]
    return block


def _customer(state: State, history: History, as_of: float) -> Floats:
    """One row of CUSTOMER; NaN for an unknown customer."""
    if not history.known:
        return np.full(len(CUSTOMER), np.nan, dtype=np.float32)
    row: Floats = state.facts.customer_features[history.customer].copy()
    row[list(AGES)] += np.float32((as_of - state.facts.end) / SECONDS_PER_DAY)
    return row
