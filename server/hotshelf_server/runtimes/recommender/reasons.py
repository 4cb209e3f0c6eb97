"""Why a product was chosen, from the very numbers that chose it."""

import numpy as np

from hotshelf_server.core.recommendation import Reason, Source
from hotshelf_server.runtimes.recommender.candidates import FoldIn
from hotshelf_server.runtimes.recommender.state import History, State

POPULAR = Reason(Source.POPULAR, "popular now")
AT_MOST = 2
"""Products named by "because you bought"."""


def reason(state: State, history: History, folded: FoldIn, product: int) -> Reason:
    """The strongest honest reason for ``product`` (a catalogue index)."""
    row = int(np.searchsorted(history.product, product))
    if row < len(history.product) and history.product[row] == product:
        return bought_before(int(history.baskets[row]), float(history.last_age[row]))
    causes = contributions(state, folded, product)
    return because(state, causes) if causes else POPULAR


def bought_before(times: int, days: float) -> Reason:
    """``days`` since the last time, as of the query."""
    often = {1: "once", 2: "twice"}.get(times, f"{times} times")
    whole = max(0, int(days))
    ago = {0: "today", 1: "yesterday"}.get(whole, f"{whole} days ago")
    text = f"bought {often}, {ago}" if times == 1 else f"bought {often}, last {ago}"
    return Reason(Source.BOUGHT_BEFORE, text, times_bought=times, days_since_bought=days)


def contributions(state: State, folded: FoldIn, product: int) -> list[int]:
    """Catalogue indices of the products whose terms x_j B[j, product] raise EASE's score most, exact, strongest first.

    Empty where the product's whole score isn't positive.
    """
    place = state.place[product]
    if place < 0 or not len(folded.places) or folded.ease[place] <= 0:
        return []
    row, column = np.nonzero(state.learned.neighbours[folded.places] == place)
    terms = folded.weights[row] * state.learned.weights[folded.places[row], column]
    order = np.lexsort((folded.places[row], -terms))[:AT_MOST]
    causes = state.learned.products[folded.places[row[order]]]
    return [int(cause) for cause, term in zip(causes, terms[order], strict=True) if term > 0]


def because(state: State, causes: list[int]) -> Reason:
    """Names the causes by title where they have one."""
    names = [title_of(state, cause) or state.catalogue.products[cause] for cause in causes]
    return Reason(
        Source.BECAUSE_YOU_BOUGHT,
        f"because you bought {' and '.join(names)}",
        because_of=tuple(state.catalogue.products[cause] for cause in causes),
    )


def title_of(state: State, product: int) -> str:
    """The product's title, or ``""``."""
    return state.catalogue.titles[product]
