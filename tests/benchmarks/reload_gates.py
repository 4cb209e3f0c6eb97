"""Measures what the reload gates ask for, with a real server, a real store and real models under steady load.

    python -m tests.benchmarks.reload_gates [--publishes 50] [--bad 20] [--rounds 5] [--out FILE]

Good and bad versions come in under load of two models; then the other model's p99 is compared between phases with and
without loads; then resident memory after 10 and 100 reloads. Prints a table, writes JSON, and ends with exit status 1
when a gate is missed. Takes about ten minutes. Latencies are counted from the moment when a call was due.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import reload_latency, reload_memory
from tests.benchmarks.reload_counts import Counts, count
from tests.benchmarks.reload_latency import Latency
from tests.benchmarks.reload_memory import Memory
from tests.e2e.reloads.versions import Forest

MOST_RATIO = 1.5
MOST_GROWTH = 0.10

FOREST = Forest(features=28, leaves=63, least=350, most=700)
"""3 MB as text: what a model of some use weighs."""

CALLS_PER_SECOND = 100.0
"""Of each model."""

ROUND_SECONDS = 10.0
"""Of each phase of a round."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A claim, what was measured, and whether it holds."""

    claim: str
    measured: str
    holds: bool


def gates(counts: Counts, latency: Latency, memory: Memory) -> Sequence[Gate]:
    """Every gate."""
    failed = len(counts.failed) + len(latency.verdict.failed)
    wrong = len(counts.wrong) + len(latency.verdict.wrong)
    unready = len(counts.unready) + len(latency.verdict.unready)
    calls, probes = counts.calls + latency.verdict.calls, counts.probes + latency.verdict.probes
    ratios = ", ".join(f"{one.ratio:.2f}" for one in latency.rounds)
    return [
        Gate(f"no failed call of {calls}", str(failed), failed == 0),
        Gate("no answer from a wrong version, or with a wrong value", str(wrong), wrong == 0),
        Gate(f"no readiness or health probe of {probes} without a yes", str(unready), unready == 0),
        Gate(
            "good versions that took traffic", f"{counts.good} of {counts.publishes}", counts.good == counts.publishes
        ),
        Gate("bad versions that failed, visibly", f"{counts.seen} of {counts.bad}", counts.seen == counts.bad),
        Gate("tried again after 5, 10, … s", _pauses(counts), counts.backs_off),
        Gate(
            f"other model's p99 loading / control ≤ {MOST_RATIO}",
            f"{latency.ratio:.2f} ({ratios})",
            latency.ratio <= MOST_RATIO,
        ),
        Gate(
            f"memory after {reload_memory.MANY} / {reload_memory.FEW} reloads within {MOST_GROWTH:.0%}",
            f"{memory.many:.1f} / {memory.few:.1f} MiB ({memory.growth:+.1%})",
            abs(memory.growth) <= MOST_GROWTH,
        ),
    ]


def show(console: Console, found: Sequence[Gate], counts: Counts, latency: Latency) -> None:
    """Print tables of the gates and of the figures behind them."""
    table = Table("gate", "measured", "", title=f"Reload gates, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for gate in found:
        table.add_row(gate.claim, gate.measured, "[green]held[/]" if gate.holds else "[red]missed[/]")
    console.print(table)
    rounds = Table("p50", "p99", "p50 loading", "p99 loading", "ratio", "loads", "CPU a call", title="Other model, ms")
    for one in latency.rounds:
        times = (one.p50_control, one.p99_control, one.p50_loading, one.p99_loading, one.ratio)
        rounds.add_row(*(f"{value:.2f}" for value in times), str(one.loads), f"{one.cpu_us_control:.0f} µs")
    console.print(rounds)
    waits = Table("after a bad version of kind", "longest", title="From publication to first answer, s")
    for kind, seconds in counts.longest.items():
        waits.add_row(kind, f"{seconds:.1f}")
    console.print(waits)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 when a gate is missed."""
    args = _parser().parse_args(arguments)
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / part for part in ("counts", "latency", "memory")]
        for folder in folders:
            folder.mkdir()
        counts = count(folders[0], FOREST, CALLS_PER_SECOND, publishes=args.publishes, bad=args.bad, tell=console.print)
        console.print(f"latency, {args.rounds} rounds")
        latency = reload_latency.measure(folders[1], FOREST, args.rounds, ROUND_SECONDS, CALLS_PER_SECOND)
        console.print(f"memory, {reload_memory.MANY} reloads")
        memory = reload_memory.measure(folders[2], FOREST, CALLS_PER_SECOND)
    found = gates(counts, latency, memory)
    show(console, found, counts, latency)
    if args.out:
        args.out.write_text(json.dumps(_record(found, counts, latency, memory), indent=2) + "\n")
    return 0 if all(gate.holds for gate in found) else 1


def _pauses(counts: Counts) -> str:
    return ", ".join(f"{seconds:.1f}" for seconds in counts.pauses) + " s"


def _record(found: Sequence[Gate], counts: Counts, latency: Latency, memory: Memory) -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "gates": [asdict(gate) for gate in found],
        "counts": asdict(counts),
        "latency": asdict(latency),
        "memory": asdict(memory),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measures the reload gates.")
    parser.add_argument("--publishes", type=int, default=50, help="good versions")
    parser.add_argument("--bad", type=int, default=20, help="bad versions, of every kind in turn")
    parser.add_argument("--rounds", type=int, default=5, help="comparisons of latency with and without loads")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    return parser


if __name__ == "__main__":
    sys.exit(main())
