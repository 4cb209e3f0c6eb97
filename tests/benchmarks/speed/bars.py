"""The bars that speed is held to, and by how much each is reached or missed.

Every ratio says how many times better ours is than what it is compared with, in the same run.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.speed.figures import Engine, Figures, Speed, Start

ALONE, WORKERS = "hotshelf-1", "hotshelf-2"
RATE, CPU, P50 = "calls a second", "CPU a call", "p50"
BETTER: dict[str, Callable[[Speed, Speed], float]] = {
    RATE: lambda ours, theirs: ours.rate / theirs.rate,
    CPU: lambda ours, theirs: theirs.cpu_us / ours.cpu_us,
    P50: lambda ours, theirs: theirs.p50_ms / ours.p50_ms,
}


@dataclass(frozen=True, slots=True)
class Bar:
    """What is asked: this many times better than a server in a cell; ``reach`` is what is hoped for."""

    ours: str
    cell: str
    what: str
    theirs: str
    least: float
    reach: float | None = None


BARS: Sequence[Bar] = (
    Bar(ALONE, "identity-b1-c64", RATE, "grpc-aio", 2.5, 3.0),
    Bar(ALONE, "identity-b1-c64", CPU, "grpc-aio", 3.0),
    Bar(ALONE, "identity-b1-c1", P50, "grpc-aio", 2.0),
    Bar(WORKERS, "trees-b1-c64", RATE, "triton", 2.0, 2.5),
    Bar(WORKERS, "trees-b1-c64", RATE, "mlserver", 8.0),
    Bar(WORKERS, "trees-b1-c64", RATE, "kserve", 8.0),
    Bar(WORKERS, "trees-b1-c1", P50, "triton", 2.0),
    Bar(WORKERS, "trees-b32-c16", RATE, "triton", 3.0),
    Bar(WORKERS, "trees-b1024-c4", RATE, "triton", 3.5, 6.0),
    Bar(WORKERS, "trees-b1024-c4", RATE, "mlserver", 3.5, 6.0),
    Bar(WORKERS, "trees-b1024-c4", RATE, "kserve", 3.5, 6.0),
    Bar(WORKERS, "trees-b1024-c4", RATE, "bentoml", 3.5, 6.0),
)

LIMITS = ((ALONE, 2.5, 140.0), (WORKERS, 2.5, 230.0))
"""Seconds until the trees answer, and MB that it then holds."""

ENGINES = (("LightGBM", 32, 5.0, 10.0), ("onnxruntime", 32, 2.5, None), ("LightGBM prepared", 1, 1.0, None))
"""Rows from which on our tree engine must be so many times as fast as another; of one row that alone."""
OURS = ("trees AVX512", "trees AVX2")
"""Our engine, by the instructions that it uses."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bar, and the ratio that was measured; ``remark`` says what limits the comparison."""

    claim: str
    ratio: float
    least: float
    reach: float | None = None
    remark: str = ""

    @property
    def reached(self) -> bool:
        """Whether the ratio is at least what is asked."""
        return self.ratio >= self.least


def verdicts(figures: Figures) -> Iterator[Verdict]:
    """Of all bars for which there are figures."""
    for bar in BARS:
        yield from _of_servers(bar, figures)
    for server, seconds, megabytes in LIMITS:
        for start in figures.starts:
            if (start.server, start.model) == (server, "trees"):
                yield from _of_start(start, seconds, megabytes)
    yield from _of_engines(figures.engines)


def ours_for(server: str, cell: str, figures: Figures) -> Speed | None:
    """Our figures of a cell; of one process where the workers' are missing."""
    found = {one.server: one for one in figures.speeds if one.cell == cell and one.rates}
    return found.get(server, found.get(ALONE))


def _of_servers(bar: Bar, figures: Figures) -> Iterator[Verdict]:
    ours = ours_for(bar.ours, bar.cell, figures)
    theirs = next((one for one in figures.speeds if (one.server, one.cell) == (bar.theirs, bar.cell)), None)
    if ours is None or theirs is None or not theirs.rates:
        return
    remarks = []
    if ours.server != bar.ours:
        remarks.append("by one process: workers were not measured")
    if ours.run != theirs.run:
        remarks.append("not in the same run")
    claim = f"{bar.cell}: {bar.what} against {bar.theirs}"
    yield Verdict(claim, BETTER[bar.what](ours, theirs), bar.least, bar.reach, ", ".join(remarks))


def _of_start(start: Start, seconds: float, megabytes: float) -> Iterator[Verdict]:
    kind = f"{start.server}, 500 trees"
    yield Verdict(f"{kind}: ready in {start.ready_s:.2g} s, limit {seconds:g} s", seconds / start.ready_s, 1.0)
    yield Verdict(f"{kind}: {start.pss_mb:.0f} MB (PSS), limit {megabytes:g} MB", megabytes / start.pss_mb, 1.0)


def _of_engines(engines: Sequence[Engine]) -> Iterator[Verdict]:
    for name in (one for one in OURS if _has(engines, one, rows=1)):
        for other, rows, least, reach in ENGINES:
            sizes = {one.rows for one in engines if one.rows == rows or 1 < rows < one.rows}
            ratios = [
                _fastest(engines, other, size) / _fastest(engines, name, size)
                for size in sizes
                if _has(engines, other, size)
            ]
            if ratios:
                size_words = "1 row" if rows == 1 else f"from {rows} rows on"
                yield Verdict(f"engine {name}, {size_words}: rows a second against {other}", min(ratios), least, reach)


def _has(engines: Sequence[Engine], name: str, rows: int) -> bool:
    return any(one.engine.startswith(name) and one.rows == rows for one in engines)


def _fastest(engines: Sequence[Engine], name: str, rows: int) -> float:
    """µs a row of the fastest way of an engine."""
    return min(one.row_us for one in engines if one.engine.startswith(name) and one.rows == rows)
