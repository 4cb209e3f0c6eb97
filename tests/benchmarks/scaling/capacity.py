"""From the cost of a call to a fleet: ``python -m tests.benchmarks.scaling.capacity [FIGURES.json] [--write PAGE.md]``.

Prints the tables of docs/scaling.md, from one's own figures if given, or puts them into a page, between its marks.
"""

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from tests.benchmarks.markdown import filled, number, table
from tests.benchmarks.scaling.figures import Cost, Figures, read

FIGURES = Path(__file__).parents[3] / "docs" / "scaling.json"
RATES = {"1 k": 1e3, "10 k": 1e4, "100 k": 1e5, "1 M": 1e6}


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What isn't measured. ``replica_cores`` and ``poll_seconds`` are those of the manifests in k8s/base."""

    usable_cores: float = 1.0
    utilisation: float = 0.5
    replica_cores: float = 2.0
    replica_gib: float = 1.0
    least_replicas: int = 2
    models: int = 10
    versions_each: int = 2
    bundle_mb: float = 10.0
    poll_seconds: float = 0.5
    caller_rate: float = 200.0
    look_seconds: float = 5.0
    core_hour: float = 0.04


MEANING = {
    "usable_cores": "cores that one server process keeps busy: one interpreter lock",
    "utilisation": "share of them that is planned for; the rest is for peaks, a lost zone, and the autoscaler's delay",
    "replica_cores": "cores that a replica reserves",
    "replica_gib": "memory that a replica reserves, GiB, for small models; 4 in k8s/base, for models of 768 MiB",
    "least_replicas": "replicas whatever the rate",
    "models": "models in the store",
    "versions_each": "versions of each that are loaded: a champion, and one that comes or goes",
    "bundle_mb": "size of a version, MB",
    "poll_seconds": "between looks at the store, s",
    "caller_rate": "calls a second of one calling process",
    "look_seconds": "between looks of our client at the name, s",
    "core_hour": "price of a core for an hour with 4 GiB, $",
}


@dataclass(frozen=True, slots=True)
class Fleet:
    """What it takes to answer so many calls a second."""

    replicas: int
    cores: float
    memory_gib: float
    network_mbit: float
    callers: int
    caller_cores: float
    connections: int
    dns_rate: float
    store_reads: float
    rollout_gb: float
    series: int
    month: float


def fleet(rate: float, cost: Cost, figures: Figures, given: Assumptions) -> Fleet:
    """The sum, for calls of one kind."""
    busy = rate * cost.server_us / 1e6
    replicas = max(given.least_replicas, math.ceil(busy / (given.usable_cores * given.utilisation)))
    callers = math.ceil(rate / given.caller_rate)
    one = figures.replica
    return Fleet(
        replicas=replicas,
        cores=replicas * given.replica_cores,
        memory_gib=replicas * given.replica_gib,
        network_mbit=rate * (cost.request_bytes + cost.response_bytes) * 8 / 1e6,
        callers=callers,
        caller_cores=rate * cost.our_client_us / 1e6,
        connections=callers * replicas,
        dns_rate=callers / given.look_seconds,
        store_reads=replicas * (one.poll_reads + given.models * one.poll_reads_a_model) / given.poll_seconds,
        rollout_gb=replicas * given.bundle_mb * one.rollout_ratio / 1e3,
        series=replicas * (one.series + given.models * given.versions_each * one.series_a_model),
        month=replicas * given.replica_cores * given.core_hour * 730,
    )


ROWS: Sequence[tuple[str, Callable[[Fleet], float]]] = (
    ("replicas", lambda one: one.replicas),
    ("cores reserved", lambda one: one.cores),
    ("memory reserved, GiB", lambda one: one.memory_gib),
    ("network, Mbit/s", lambda one: one.network_mbit),
    ("calling processes", lambda one: one.callers),
    ("cores of callers, our client", lambda one: one.caller_cores),
    ("connections, each caller to each replica", lambda one: one.connections),
    ("DNS questions a second, our client", lambda one: one.dns_rate),
    ("reads of the store a second, idle", lambda one: one.store_reads),
    ("GB read in a rollout of one version", lambda one: one.rollout_gb),
    ("Prometheus series", lambda one: one.series),
    ("$ a month", lambda one: one.month),
)


def capacity(figures: Figures, given: Assumptions) -> Iterator[str]:
    """The fleet by rate for the last model that was measured, then replicas for each."""
    cost = figures.costs[-1]
    fleets = [fleet(rate, cost, figures, given) for rate in RATES.values()]
    yield f"For calls of *{cost.model}*:\n"
    yield from table(["calls a second", *RATES], [[title, *map(number, map(of, fleets))] for title, of in ROWS])
    yield "\nReplicas by model:\n"
    by_model = [
        [one.model, *(number(fleet(rate, one, figures, given).replicas) for rate in RATES.values())]
        for one in figures.costs
    ]
    yield from table(["calls a second", *RATES], by_model)


def assumptions(given: Assumptions) -> Iterator[str]:
    """What isn't measured."""
    values = [[f"`{one.name}`", f"{getattr(given, one.name):g}", MEANING[one.name]] for one in fields(given)]
    yield from table(["assumption", "value", "what it is"], values)


def measured(figures: Figures) -> Iterator[str]:
    """What is."""
    head = ["a call", "server, CPU µs", "stock client, CPU µs", "our client, CPU µs", "request, bytes", "answer, bytes"]
    costs = [[one.model, *(number(getattr(one, field.name)) for field in fields(one)[1:])] for one in figures.costs]
    yield from table(head, costs)
    yield ""
    head = [
        "replicas",
        "calls/s of a model that waits 50 ms",
        "calls/s of 256 rows, 500 trees",
        "CPU µs a call, callers too",
    ]
    rates = [
        [f"{one.replicas}", f"{one.waiting:.1f}", f"{one.computing:.0f}", f"{one.cpu_us:.0f}"]
        for one in figures.throughput
    ]
    yield from table(head, rates)


def page(text: str, figures: Figures) -> str:
    """The page with its tables made anew. Raises `ValueError` where a mark is missing."""
    parts = {
        "measured": measured(figures),
        "capacity": capacity(figures, Assumptions()),
        "assumptions": assumptions(Assumptions()),
    }
    return filled(text, parts)


def main() -> None:
    """Print the tables, or put them into a page."""
    parser = argparse.ArgumentParser(description="from the cost of a call to a fleet")
    parser.add_argument("figures", type=Path, nargs="?", default=FIGURES, help="what tests.benchmarks.scaling wrote")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="a page with the marks of docs/scaling.md")
    given = parser.parse_args()
    figures = read(given.figures)
    if given.write:
        given.write.write_text(page(given.write.read_text(), figures))
        return
    for part in (measured(figures), capacity(figures, Assumptions()), assumptions(Assumptions())):
        print("\n".join(part), end="\n\n")


if __name__ == "__main__":
    main()
