"""What needs no ranker: the bars that a trained model has to pass to be worth its cost."""

import numpy as np

from hotshelf_server.runtimes.recommender.candidates import fold_in
from hotshelf_server.runtimes.recommender.state import Floats, History, Ints, State, history_of
from hotshelf_trainer.recipes.recommendation import BASELINES
from hotshelf_trainer.recommendation.artifacts import NONE, TOP, Lists, Truth

NOTHING = np.empty(0, dtype=np.int32)


def baselines(state: State, truth: Truth) -> dict[str, Lists]:
    """The lists of every baseline by name, for the customers of ``truth`` as of the end of the state's facts."""
    shape = (len(truth.customers), TOP)
    found = {
        name: Lists(np.full(shape, NONE, dtype=np.int32), np.full(shape, NONE, dtype=np.int32)) for name in BASELINES
    }
    for row, customer in enumerate(truth.customers):
        history = history_of(state, int(customer), state.facts.end)
        popular = state.popular[: TOP + len(history.product)]
        fresh = popular[~np.isin(popular, history.product)]
        for name, order in _orders(state, history).items():
            _fill(found[name].all, row, order, popular)
            _fill(found[name].new, row, order[~np.isin(order, history.product)], fresh)
    return found


def _orders(state: State, history: History) -> dict[str, Ints]:
    """Each baseline's own products, best first, before popular ones fill up."""
    return {
        "popularity": NOTHING,
        "personal": _ordered(state, history, history.baskets),
        "personal_decayed": _ordered(state, history, history.decayed),
        "ease": _ease_order(state, history),
    }


def _ordered(state: State, history: History, scores: Floats) -> Ints:
    """The customer's products by score; ties by recent popularity, then product: most were bought just once."""
    popularity = state.facts.popularity[history.product]
    return history.product[np.lexsort((history.product, -popularity, -scores))]


def _ease_order(state: State, history: History) -> Ints:
    """Enough of the highest EASE scores to give ten new ones."""
    scores = fold_in(state, history, NOTHING).ease
    count = min(TOP + len(history.product), int(np.count_nonzero(scores > 0)))
    return state.learned.products[np.argsort(-scores, kind="stable")[:count]]


def _fill(lists: Ints, row: int, order: Ints, popular: Ints) -> None:
    """Write the first ten of ``order``, then popular ones that it lacks."""
    head = order[:TOP]
    line = np.concatenate([head, popular[~np.isin(popular, head)]])[:TOP]
    lists[row, : len(line)] = line
