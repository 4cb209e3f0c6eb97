"""Golden requests: a few customers whose answers a server must repeat before it takes traffic with the version."""

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes import RepeatPolicy
from hotshelf_server.runtimes.recommender.servable import RecommenderServable
from hotshelf_server.runtimes.recommender.state import State
from hotshelf_store.golden import Golden, GoldenCase, Value

K = 10
TOLERANCE = 1e-5
"""Relative; scores pass through BLAS, which differs between processors in the last bits."""


def goldens_of(servable: RecommenderServable, state: State) -> Golden:
    """Known, unknown, with an open basket, new products only, buy again; ``as_of`` fixed to the end of data."""
    known = _customers(state)
    basket = [state.catalogue.products[product] for product in state.popular[:2]]
    stranger = "no such customer"
    cases = (
        _case(servable, state, known, [], RepeatPolicy.MIXED),
        _case(servable, state, known, [], RepeatPolicy.NEW_ONLY),
        _case(servable, state, known[:1], [], RepeatPolicy.BUY_AGAIN),
        _case(servable, state, known[:1], basket, RepeatPolicy.MIXED),
        _case(servable, state, [stranger], [], RepeatPolicy.MIXED),
        _case(servable, state, [stranger], basket, RepeatPolicy.MIXED),
    )
    return Golden(cases, relative_tolerance=TOLERANCE, absolute_tolerance=TOLERANCE)


def _customers(state: State) -> list[str]:
    """The customers with the longest, the median and the shortest history."""
    order = np.argsort(-np.diff(state.facts.start), kind="stable")
    places = sorted({0, len(order) // 2, len(order) - 1})
    return [state.facts.customers[order[place]] for place in places]


def _case(
    servable: RecommenderServable, state: State, customers: list[str], basket: list[str], policy: RepeatPolicy
) -> GoldenCase:
    inputs: dict[str, npt.NDArray[np.object_]] = {"customer": _bytes(customers)}
    if basket:
        inputs["basket"] = np.tile(_bytes(basket), (len(customers), 1))
    parameters: dict[str, Value] = {"k": K, "repeat_policy": policy.value, "as_of": state.facts.end}
    response = servable.predict(inputs, parameters)
    return GoldenCase(inputs, dict(response.outputs), parameters)


def _bytes(texts: list[str]) -> npt.NDArray[np.object_]:
    return np.array([text.encode() for text in texts], dtype=object)
