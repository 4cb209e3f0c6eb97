"""Which version a call goes to. Pure functions of what is asked for and what is ready."""

from collections.abc import Mapping
from hashlib import blake2b
from random import random

Weights = Mapping[int, int]
"""Shares of the traffic by version."""

Routes = Mapping[str, Weights]
"""Weights by alias."""

DEFAULT = ""
"""The alias of calls that name none, where it is not ``champion``: set by policies that go by numbers."""


def effective(asked: Routes, current: Routes, ready: frozenset[int], on_call: frozenset[int] = frozenset()) -> Routes:
    """The routing that holds: what is asked for once all its versions are ready, until then what held before.

    Versions ``on_call`` are loaded when they are called, and count where nothing is ready. Where none can be had whole,
    the versions that are ready take all the traffic; an alias without any is left out.
    """
    routes: dict[str, Weights] = {}
    for alias, weights in asked.items():
        before = current.get(alias, {})
        whole = [
            one
            for can in (ready, ready | on_call)
            for one in ((weights, before) if can is ready else (before, weights))
            if one and can.issuperset(one)
        ]
        chosen = whole[0] if whole else _among(before, ready) or _among(weights, ready)
        if chosen:
            routes[alias] = chosen
    return routes


def choose(weights: Weights, key: str = "") -> int:
    """A version by its share. The same key goes to the same version on every replica, as long as the weights stand."""
    if len(weights) == 1:
        return next(iter(weights))
    point = _point(key) if key else random()  # noqa: S311 - spreads load, guards nothing
    reach = point * sum(weights.values())
    versions = sorted(weights)
    for version in versions:
        reach -= weights[version]
        if reach < 0:
            return version
    return versions[-1]


def no_key() -> str:
    """The key of callers who don't mind where they go."""
    return ""


def _among(weights: Weights, ready: frozenset[int]) -> Weights:
    return {version: weight for version, weight in weights.items() if version in ready}


def _point(key: str) -> float:
    """A number in [0, 1) that depends on the key alone."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) / 2**64
