"""A version's engines, and the one of them for so many rows."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from itertools import pairwise
from math import isqrt
from typing import Generic, TypeVar

from hotshelf_server.core.engines import SIZES, Choice, How, always

E = TypeVar("E")

BOUNDS = tuple(isqrt(fewer * more) for fewer, more in pairwise(SIZES))
"""Most rows for which a size of `SIZES` stands: up to the geometric mean of it and the next."""


class Engines(Generic[E]):
    """By name, the library itself last. What doesn't compute is made when it is asked for by its name, and kept until
    the next choice. Thread-safe."""

    def __init__(self, makers: Mapping[str, Callable[[], E]], default: str, how: How = "default") -> None:
        """``default``: computes until there is a choice."""
        self._makers = dict(makers)
        self._made: dict[str, E] = {}
        self.settle(always(default, how))

    @property
    def names(self) -> tuple[str, ...]:
        """All that there are, made or not."""
        return tuple(self._makers)

    def of(self, rows: int) -> E:
        """The engine for a call of so many rows."""
        return self._by_size[bisect_left(BOUNDS, rows)]

    def named(self, name: str) -> E:
        """Raises `KeyError` for one that isn't there, and what its making raises."""
        found = self._made.get(name)
        if found is None:  # two threads may make one each, of which one stays
            found = self._made[name] = self._makers[name]()
        return found

    def settle(self, choice: Choice) -> None:
        """Compute by a choice from now on, and give up all others. Raises as `named` does, and nothing has changed."""
        made = {name: self.named(name) for name in choice.engines}
        self._by_size = tuple(made[name] for name in choice.engines)
        self._made = made
        self.choice = choice
