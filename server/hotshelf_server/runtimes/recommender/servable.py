"""A loaded recommender version: typed queries, and the same through tensors."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.recommendation import (
    Fallback,
    Query,
    Recommendation,
    Recommendations,
    RepeatPolicy,
)
from hotshelf_server.core.types import Parameters, Response, Signature, Tensors
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.recommender import ranker, tensors
from hotshelf_server.runtimes.recommender import state as states
from hotshelf_server.runtimes.recommender.candidates import FoldIn, fold_in, select
from hotshelf_server.runtimes.recommender.features import features
from hotshelf_server.runtimes.recommender.ranker import Rankers, best
from hotshelf_server.runtimes.recommender.reasons import reason, title_of
from hotshelf_server.runtimes.recommender.state import History, Ints, State, history_of

Scores = np.ndarray[tuple[int], np.dtype[np.float64]]


class RecommenderServable:
    """A ``core.interfaces.Servable`` and ``Recommender``. Stateless between calls; any number of threads may call."""

    def __init__(self, state: State, rankers: Rankers, now: Callable[[], float] = time.time) -> None:
        self._state = state
        self._rankers = rankers
        self._now = now

    @property
    def signature(self) -> Signature:
        """``customer``, maybe ``basket`` and ``exclude`` in; ``product``, ``score``, ``reason``, ``fallback`` out."""
        return tensors.SIGNATURE

    @property
    def proved(self) -> Sequence[str]:
        """The rankers' files, where the tree engine is known to be equal."""
        return self._rankers.proved

    def recommend(self, query: Query) -> Recommendations:
        """The best ``query.k`` products; fewer where the repeat policy and exclusions leave fewer.

        Raises ``InvalidInput`` for a ``k`` outside 1..1000.
        """
        tensors.check_k(query.k)
        state = self._state
        as_of = self._as_of(query)
        history = history_of(state, state.facts.customers.find(query.customer), as_of)
        basket, excluded = self._indices(query.basket), self._indices(query.exclude)
        folded = fold_in(state, history, basket)
        hidden = np.concatenate([basket, excluded])
        if history.known:
            products, scores = self._ranked(history, folded, hidden, query, as_of)
        else:
            products, scores = _unranked(state, folded, hidden, query)
        chosen = best(scores, products, query.k)
        items = tuple(self._item(history, folded, int(products[at]), float(scores[at])) for at in chosen)
        fallback = Fallback.NONE if history.known else Fallback.UNKNOWN_CUSTOMER
        return Recommendations(items, fallback, as_of, len(state.catalogue.products))

    def predict(self, inputs: Tensors, parameters: Parameters) -> Response:
        """One query for each row of ``customer``; raises ``InvalidInput`` for a parameter out of its range."""
        queries = tensors.queries(inputs, parameters)
        return Response(tensors.outputs([self.recommend(query) for query in queries]))

    def close(self) -> None:
        """Nothing to give back: maps and models go with the last reference."""

    def _as_of(self, query: Query) -> float:
        """The moment that ages are counted from: never before the end of the data, which can't be forgotten."""
        end = self._state.facts.end
        if query.as_of is not None:
            return max(query.as_of, end)
        return max(self._now(), end) if self._state.settings.live else end

    def _indices(self, products: tuple[str, ...]) -> Ints:
        """Catalogue indices, each once; products that were never sold can't be answered anyway."""
        found = {self._state.catalogue.products.find(product) for product in products} - {-1}
        return np.array(sorted(found), dtype=np.int32)

    def _ranked(
        self, history: History, folded: FoldIn, hidden: Ints, query: Query, as_of: float
    ) -> tuple[Ints, Scores]:
        """Products that the policy allows, scored by the ranker that was made for it."""
        candidates = select(self._state, history, folded, hidden, query.k)
        # All candidates get their features, allowed or not: ranks among them mean what they meant in training.
        matrix = features(self._state, history, folded, candidates, as_of)
        allowed = {
            RepeatPolicy.MIXED: slice(None),
            RepeatPolicy.NEW_ONLY: slice(candidates.repeats, None),
            RepeatPolicy.BUY_AGAIN: slice(candidates.repeats),
        }[query.repeat_policy]
        ranker = self._rankers.new if query.repeat_policy is RepeatPolicy.NEW_ONLY else self._rankers.mixed
        return candidates.product[allowed], ranker.predict(matrix[allowed])

    def _item(self, history: History, folded: FoldIn, product: int, points: float) -> Recommendation:
        return Recommendation(
            product=self._state.catalogue.products[product],
            score=points,
            reason=reason(self._state, history, folded, product),
            title=title_of(self._state, product),
        )


def _unranked(state: State, folded: FoldIn, hidden: Ints, query: Query) -> tuple[Ints, Scores]:
    """Without a history: what goes with the open basket by EASE, then what is popular, with scores below 0.

    Without a basket the score is the product's recent sales.
    """
    if query.repeat_policy is RepeatPolicy.BUY_AGAIN:
        return np.empty(0, dtype=np.int32), np.empty(0)
    seen = np.zeros(len(state.place), dtype=bool)
    seen[hidden] = True
    modelled = state.learned.products
    fitting = np.flatnonzero((folded.ease > 0) & ~seen[modelled])
    seen[modelled[fitting]] = True
    popular = state.popular[~seen[state.popular]][: query.k]
    sales = state.facts.popularity[popular].astype(np.float64)
    if len(folded.places):
        sales -= sales.max(initial=0) + 1
    return np.concatenate([modelled[fitting], popular]), np.concatenate(
        [folded.ease[fitting].astype(np.float64), sales]
    )


def load(folder: Path, signature: Signature, options: Mapping[str, str], policy: RuntimePolicy) -> RecommenderServable:
    """Map a bundle's state and read its rankers. Knows no options; a call uses one thread whatever the policy allows.

    Raises ``BadBundle`` naming the file, option or signature at fault.
    """
    if options:
        raise BadBundle(f"runtime options {sorted(options)}: the recommender runtime knows none")
    if signature != tensors.SIGNATURE:
        raise BadBundle(f"signature says {signature}, a recommender has {tensors.SIGNATURE}")
    return RecommenderServable(states.load(folder), ranker.load(folder, policy))
