"""The figures in short, as the README shows them: servers side by side, for a few sizes of calls of one model."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.benchmarks.markdown import filled, number, table
from tests.benchmarks.speed.figures import Figures

README = Path(__file__).parents[3] / "README.md"
MODEL = "trees"
COLUMNS: Mapping[str, tuple[str, int]] = {
    "calls/s, 1 row each, 64 at once": ("trees-b1-c64", 1),
    "rows/s, 32 a call": ("trees-b32-c16", 32),
    "rows/s, 1,024 a call": ("trees-b1024-c4", 1024),
}
"""By heading: a cell, and the rows of its calls."""
LATENCY, LATENCY_CELL = "p50, ms, one at a time", "trees-b1-c1"


def summary(figures: Figures) -> Iterator[str]:
    """A line for each server that was measured in all of these, the fastest first."""
    found = {(one.server, one.cell): one for one in figures.speeds if one.rates}
    cells = [*(cell for cell, _ in COLUMNS.values()), LATENCY_CELL]
    whole = [taker for taker in figures.takers if all((taker.server, cell) in found for cell in cells)]
    memory = {one.server: one.pss_mb for one in figures.starts if one.model == MODEL}
    whole.sort(key=lambda taker: -found[taker.server, cells[0]].rate)
    yield from table(
        ["", *COLUMNS, LATENCY, "memory, MB"],
        [
            [
                taker.title,
                *(number(found[taker.server, cell].rate * rows) for cell, rows in COLUMNS.values()),
                number(found[taker.server, LATENCY_CELL].p50_ms),
                number(memory[taker.server]) if taker.server in memory else "",
            ]
            for taker in whole
        ],
    )


def readme(text: str, figures: Figures) -> str:
    """The README with its table made anew. Raises `ValueError` where the marks are missing."""
    return filled(text, {"speed": list(summary(figures))})
