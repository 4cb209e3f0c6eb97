"""A version's engines, and the one of them for so many rows."""

from bisect import bisect_left
from collections.abc import Mapping
from itertools import pairwise
from math import isqrt
from typing import Generic, TypeVar

from hotshelf_server.core.engines import SIZES, Choice, How, always

E = TypeVar("E")

BOUNDS = tuple(isqrt(fewer * more) for fewer, more in pairwise(SIZES))
"""Most rows for which a size of `SIZES` stands: up to the geometric mean of it and the next."""


class Engines(Generic[E]):
    """By name, the library itself last. Thread-safe."""

    def __init__(self, candidates: Mapping[str, E], default: str, how: How = "default") -> None:
        """``default``: computes until there is a choice."""
        self._candidates = dict(candidates)
        self.settle(always(default, how))

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are still there."""
        return tuple(self._candidates)

    def of(self, rows: int) -> E:
        """The engine for a call of so many rows."""
        return self._by_size[bisect_left(BOUNDS, rows)]

    def named(self, name: str) -> E:
        """Raises `KeyError` for one that isn't there, or was given up."""
        return self._candidates[name]

    def settle(self, choice: Choice) -> None:
        """Compute by a choice from now on. Raises `KeyError` for an engine that isn't there."""
        self._by_size = tuple(self._candidates[name] for name in choice.engines)
        self.choice = choice

    def give_up(self) -> None:
        """Keep only what is chosen."""
        chosen = set(self.choice.engines)
        self._candidates = {name: engine for name, engine in self._candidates.items() if name in chosen}
