"""The page of what was measured: ``python -m tests.benchmarks.speed.page [FIGURES.json] [--write PAGE.md]``.

Prints the tables of docs/performance.md, or puts them into a page, between its marks, and the plot beside it.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.markdown import filled, number, table
from tests.benchmarks.speed.bars import WORKERS, Verdict, ours_for, verdicts
from tests.benchmarks.speed.cells import CELLS, Cell
from tests.benchmarks.speed.figures import Figures, Speed, read
from tests.benchmarks.speed.plot import drawn
from tests.benchmarks.speed.summary import README, readme

FIGURES = Path(__file__).parents[3] / "docs" / "performance.json"
PAGE, PLOT = FIGURES.with_suffix(".md"), FIGURES.parent / "pictures" / "performance.svg"
TIMES = "\N{MULTIPLICATION SIGN}"
MODELS = {
    "trees": "LightGBM, 500 trees of 63 leaves, 28 features",
    "pipeline": "scikit-learn, StandardScaler + LogisticRegression, 28 features",
    "shop": "recommender, 10 products for a customer, of `make demo`'s store",
    "identity": "the model that answers what it is given, 28 numbers a row",
}


def tables(figures: Figures) -> Iterator[str]:
    """All parts, one under the other."""
    for lines in parts(figures).values():
        yield from lines
        yield ""


def parts(figures: Figures) -> dict[str, Sequence[str]]:
    """The lines of each part of the page."""
    return {
        "machine": list(machine(figures)),
        "bars": list(bars(figures)),
        "cells": list(cells(figures)),
        "starts": list(starts(figures)),
        "engines": list(engines(figures)),
    }


def machine(figures: Figures) -> Iterator[str]:
    """Where, when, and of what."""
    here = figures.machine
    runs = sorted({one.run for one in figures.speeds} | {one.run for one in figures.engines})
    yield f"{here.cores} cores of {here.processor}, {here.memory_gb} GB, {here.system}; {' and '.join(runs)} (UTC)."
    spreads = sorted(max(one.rates) / min(one.rates) for one in figures.speeds if len(one.rates) > 1)
    if spreads:
        usual, most = spreads[len(spreads) // 2], spreads[-1]
        yield f"Rounds of one server and cell differ by a factor of {usual:.2f} usually, and of {most:.2f} at most."
    yield ""
    yield from table(
        ["server", "what it is", "libraries"],
        [[f"`{one.server}`", one.title, ", ".join(one.versions)] for one in figures.takers],
    )


def bars(figures: Figures) -> Iterator[str]:
    """Each bar, what was measured, and whether that is enough."""
    yield from table(
        ["bar", "asked", "measured", "", ""],
        [[one.claim, _asked(one), f"{one.ratio:.2f} {TIMES}", _word(one), one.remark] for one in verdicts(figures)],
    )


def cells(figures: Figures) -> Iterator[str]:
    """A table for each cell, the fastest server first; and what doesn't count."""
    for cell in CELLS:
        found = [one for one in figures.speeds if one.cell == cell.name and one.rates]
        if found:
            yield f"\n**`{cell.name}`**: {MODELS[cell.model]}; {_size(cell)}\n"
            yield from _cell(cell, found, figures)
    void = [f"- `{one.server}`, `{one.cell}`: {why}" for one in figures.speeds for why in one.void]
    if void:
        yield "\nRounds that don't count:\n"
        yield from void
    left_out = dict.fromkeys(f"- `{one.server}`, {one.model}: {one.why}" for one in figures.skipped)
    if left_out:
        yield "\nLeft out:\n"
        yield from left_out


def starts(figures: Figures) -> Iterator[str]:
    """Time and memory."""
    yield from table(
        ["server", "model", "ready after, s", "memory, MB (PSS)", "processes", "cores when idle"],
        [
            [
                f"`{one.server}`",
                one.model,
                f"{one.ready_s:.1f}",
                f"{one.pss_mb:.0f}",
                str(one.processes),
                f"{one.idle_cores:.2f}",
            ]
            for one in figures.starts
        ],
    )


def engines(figures: Figures) -> Iterator[str]:
    """µs a row by batch size."""
    sizes = sorted({one.rows for one in figures.engines})
    found = {(one.engine, one.rows): one.row_us for one in figures.engines}
    names = dict.fromkeys(one.engine for one in figures.engines)
    yield from table(
        ["engine, one thread: µs a row", *(f"{size:,} rows" if size > 1 else "1 row" for size in sizes)],
        [[name, *(number(found[name, size]) if (name, size) in found else "" for size in sizes)] for name in names],
    )


def page(text: str, figures: Figures) -> str:
    """The page with its tables made anew. Raises `ValueError` where a mark is missing."""
    return filled(text, parts(figures))


def _cell(cell: Cell, found: Sequence[Speed], figures: Figures) -> Iterator[str]:
    ours = ours_for(WORKERS, cell.name, figures)
    rows = ["rows/s"] if cell.rows > 1 else []
    head = ["server", "calls/s", *rows, "p50, ms", "p99, ms", "CPU a call, µs", "cores, server + load"]
    lines = []
    for one in sorted(found, key=lambda one: -one.rate):
        many = [number(one.rate * cell.rows)] if rows else []
        times = [number(one.p50_ms), number(one.p99_ms), number(one.cpu_us)]
        ratio = f"{ours.rate / one.rate:.2f} {TIMES}" if ours else ""
        used = f"{one.server_cores:.2f} + {one.load_cores:.2f}"
        lines.append([f"`{one.server}`", number(one.rate), *many, *times, used, ratio])
    yield from table([*head, f"`{ours.server}` to it" if ours else ""], lines)


def _size(cell: Cell) -> str:
    rows = "1 row a call" if cell.rows == 1 else f"{cell.rows:,} rows a call"
    return (
        f"{rows}, {cell.calls} at once over {cell.connections} connections"
        if cell.calls > 1
        else f"{rows}, one at a time"
    )


def _asked(verdict: Verdict) -> str:
    hoped = f", reach for {verdict.reach:g}" if verdict.reach else ""
    return f"≥ {verdict.least:g}{hoped}"


def _word(verdict: Verdict) -> str:
    return "reached" if verdict.reached else "**not reached**"


def main() -> None:
    """Print the tables, or put them into a page and draw the plot."""
    parser = argparse.ArgumentParser(description="tables of what was measured")
    parser.add_argument("figures", type=Path, nargs="?", default=FIGURES, help="what tests.benchmarks.speed wrote")
    parser.add_argument("--write", action="store_true", help="renew docs/performance.md, its plot, README's table")
    given = parser.parse_args()
    figures = read(given.figures)
    if given.write:
        write(figures)
    else:
        print("\n".join(tables(figures)))


def write(figures: Figures) -> None:
    """Renew docs/performance.md and its plot, and the table of the README."""
    README.write_text(readme(README.read_text(), figures))
    PAGE.write_text(page(PAGE.read_text(), figures))
    PLOT.write_text(drawn(figures))


if __name__ == "__main__":
    main()
