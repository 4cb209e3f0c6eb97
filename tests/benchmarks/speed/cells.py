"""What is measured of each server: which model, rows a call, calls at once."""

from collections.abc import Sequence
from dataclasses import dataclass

CONNECTIONS = 8
"""At most; with fewer calls at once, one each."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Calls of a model with so many rows each, so many of them at once."""

    model: str
    rows: int
    calls: int

    @property
    def name(self) -> str:
        """Such as ``trees-b1-c64``: b rows a call, c calls at once."""
        return f"{self.model}-b{self.rows}-c{self.calls}"

    @property
    def connections(self) -> int:
        """Connections, each with rows of its own."""
        return min(self.calls, CONNECTIONS)

    @property
    def streams(self) -> int:
        """Calls at once of each connection."""
        return self.calls // self.connections


ONE, MANY, MIDDLE, LARGE = (1, 1), (1, 64), (32, 16), (1024, 4)
CELLS: Sequence[Cell] = (
    *(Cell("trees", *size) for size in (ONE, MANY, MIDDLE, LARGE)),
    *(Cell("pipeline", *size) for size in (ONE, MANY, LARGE)),
    *(Cell("identity", *size) for size in (ONE, MANY)),
    *(Cell("shop", *size) for size in (ONE, MANY)),
)


def chosen(patterns: Sequence[str]) -> Sequence[Cell]:
    """The cells whose name begins with one of these; all for none. Raises `ValueError` for one that fits none."""
    for pattern in patterns:
        if not any(cell.name.startswith(pattern) for cell in CELLS):
            names = ", ".join(cell.name for cell in CELLS)
            raise ValueError(f"--cells {pattern}: expected the beginning of one of {names}")
    return [cell for cell in CELLS if not patterns or cell.name.startswith(tuple(patterns))]
