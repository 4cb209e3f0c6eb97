"""A loaded recommender version: typed queries, and the same through tensors."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.recommendation import (
    Fallback,
    Query,
    Recommendation,
    Recommendations,
    RepeatPolicy,
)
from hotshelf_server.core.types import Parameters, Response, Signature, Tensors
from hotshelf_server.runtimes.recommender import ranker, tensors
from hotshelf_server.runtimes.recommender import state as states
from hotshelf_server.runtimes.recommender.candidates import Candidates, FoldIn, fold_in, select
from hotshelf_server.runtimes.recommender.features import features
from hotshelf_server.runtimes.recommender.ranker import Rankers, best, score
from hotshelf_server.runtimes.recommender.reasons import reason, title_of
from hotshelf_server.runtimes.recommender.state import History, Ints, State, history_of

Scores = np.ndarray[tuple[int], np.dtype[np.float64]]


class RecommenderServable:
    """Implements ``core.interfaces.Servable`` and ``Recommender``. Stateless between calls; any number of threads may call."""

    def __init__(self, state: State, rankers: Rankers, now: Callable[[], float] = time.time) -> None:
        self._state = state
        self._rankers = rankers
        self._now = now

    @property
    def signature(self) -> Signature:
        """``customer`` with optional ``basket`` and ``exclude`` in; ``product``, ``score``, ``reason``, ``fallback`` out."""
        return tensors.SIGNATURE

    def recommend(self, query: Query) -> Recommendations:
        """The best ``query.k`` products; fewer where the repeat policy and exclusions leave fewer."""
        state = self._state
        as_of = self._as_of(query)
        history = history_of(state, state.facts.customers.find(query.customer), as_of)
        basket, excluded = self._indices(query.basket), self._indices(query.exclude)
        folded = fold_in(state, history, basket)
        hidden = np.concatenate([basket, excluded])
        if history.known:
            candidates = _allowed(select(state, history, folded, hidden, query.k), query.repeat_policy)
            scores = self._rank(history, folded, candidates, query.repeat_policy, as_of)
        else:
            candidates, scores = _without_history(state, history, folded, hidden, query)
        chosen = best(scores, candidates.product, query.k)
        items = tuple(
            self._item(history, folded, int(candidates.product[place]), float(scores[place])) for place in chosen
        )
        return Recommendations(items, Fallback.NONE if history.known else Fallback.UNKNOWN_CUSTOMER, as_of)

    def predict(self, inputs: Tensors, parameters: Parameters) -> Response:
        """One query for each row of ``customer``; raises ``InvalidInput`` for a parameter out of its range."""
        queries = tensors.queries(inputs, parameters)
        return Response(tensors.outputs([self.recommend(query) for query in queries]))

    def close(self) -> None:
        """Nothing to give back: maps and models go with the last reference."""

    def _as_of(self, query: Query) -> float:
        if query.as_of is not None:
            return query.as_of
        return self._now() if self._state.settings.live else self._state.facts.end

    def _indices(self, products: tuple[str, ...]) -> Ints:
        """Catalogue indices, each once; products that were never sold can't be answered anyway."""
        found = {self._state.catalogue.products.find(product) for product in products} - {-1}
        return np.array(sorted(found), dtype=np.int32)

    def _rank(
        self, history: History, folded: FoldIn, candidates: Candidates, policy: RepeatPolicy, as_of: float
    ) -> Scores:
        booster = self._rankers.new if policy is RepeatPolicy.NEW_ONLY else self._rankers.mixed
        return score(booster, features(self._state, history, folded, candidates, as_of))

    def _item(self, history: History, folded: FoldIn, product: int, points: float) -> Recommendation:
        return Recommendation(
            product=self._state.catalogue.products[product],
            score=points,
            reason=reason(self._state, history, folded, product),
            title=title_of(self._state, product),
        )
