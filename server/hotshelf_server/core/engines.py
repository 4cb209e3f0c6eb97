"""Which of a version's engines computes a call, by its rows, and what was measured of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

SIZES = (1, 8, 64, 512)
"""Rows at which engines are measured; each stands for the numbers of rows that are nearer to it, by ratio, than to
the others."""

Engine = Literal["auto", "own", "library"]
"""What an operator asks for: what measures best, our own wherever its answers are equal, or the library itself."""

How = Literal["default", "configured", "measured", "remembered"]

DIFFERENCE = "engine_difference"
"""The property that tells how far answers may be from the library's; absent where they are equal to the last bit."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine for each of `SIZES`, and how it was found. ``seconds``: per row, at each of `SIZES`, of each engine
    that was measured; ``dropped``: those whose answers were not equal to the last bit, nor near enough.

    ``differences``: of those that are near enough, though not equal, the largest difference that was found (see
    `hotshelf_server.runtimes.engines.agreement`). One of them computes at all sizes or at none.
    """

    engines: tuple[str, ...]
    how: How
    seconds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    differences: Mapping[str, float] = field(default_factory=dict)

    def properties(self) -> Mapping[str, str]:
        """By name, for a model's configuration."""
        by_rows = {f"engine_rows_{rows}": engine for rows, engine in zip(SIZES, self.engines, strict=True)}
        found = {"engine_choice": self.how, **by_rows}
        inexact = [self.differences[name] for name in self.engines if name in self.differences]
        return {**found, DIFFERENCE: f"{max(inexact):.3g}"} if inexact else found

    def in_words(self) -> str:
        """For the log."""
        parts = [f"{engine} at {_listed(rows)} rows" for engine, rows in self._runs()]
        words = f"{', '.join(parts)} ({self.how})"
        if self.seconds:
            figures = (f"{name} {_listed([f'{one * 1e6:.3g}' for one in row])}" for name, row in self.seconds.items())
            words += f"; µs a row at {_listed(SIZES)} rows: {'; '.join(figures)}"
        for name, difference in self.differences.items():
            words += f"; {name} differs by up to {difference:.3g}"
        return words + (f"; answers otherwise, and is not used: {', '.join(self.dropped)}" if self.dropped else "")

    def _runs(self) -> Iterator[tuple[str, list[int]]]:
        for name in dict.fromkeys(self.engines):
            yield name, [rows for rows, engine in zip(SIZES, self.engines, strict=True) if engine == name]


def always(engine: str, how: How) -> Choice:
    """One engine at all sizes."""
    return Choice((engine,) * len(SIZES), how)


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(str, values))
