"""What calls and replicas cost: ``python -m tests.benchmarks.scaling [--shop STORE --customer ID] [--out FILE]``.

Some three minutes. Ratios are what counts: callers and servers share the machine. With the store that `make demo` left,
its recommender is measured, too. ``python -m tests.benchmarks.scaling.capacity FILE`` makes the tables of
docs/scaling.md.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from tests.benchmarks.scaling.costs import costs
from tests.benchmarks.scaling.figures import Figures
from tests.benchmarks.scaling.replicas import replica, throughput


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="what calls and replicas cost")
    parser.add_argument("--shop", type=Path, metavar="STORE", help="a store with a recommender named shop")
    parser.add_argument("--customer", default="1228", help="one of its customers")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the figures are written, as JSON")
    given = parser.parse_args()
    with TemporaryDirectory() as one, TemporaryDirectory() as two, TemporaryDirectory() as three:
        figures = Figures(costs(Path(one), given.shop, given.customer), throughput(Path(two)), replica(Path(three)))
    show(figures)
    if given.out:
        figures.write(given.out)


def show(figures: Figures) -> None:
    """Print them."""
    console = Console()
    table = Table("a call", "server CPU", "stock client", "our client", "request", "response")
    for cost in figures.costs:
        spent = (cost.server_us, cost.stock_client_us, cost.our_client_us)
        sizes = (cost.request_bytes, cost.response_bytes)
        table.add_row(cost.model, *(f"{one:.0f} µs" for one in spent), *(f"{one:.0f} B" for one in sizes))
    console.print(table)
    table = Table("replicas", "calls/s that wait 50 ms", "calls/s that compute", "CPU a call, all processes")
    for at in figures.throughput:
        table.add_row(str(at.replicas), f"{at.waiting:.1f}", f"{at.computing:.0f}", f"{at.cpu_us:.0f} µs")
    console.print(table)
    console.print(figures.replica)


if __name__ == "__main__":
    main()
