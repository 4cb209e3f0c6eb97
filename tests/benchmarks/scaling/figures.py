"""What is measured, as it is kept."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.rounding import rounded


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call of a model costs: CPU time in µs by who spends it, and bytes of HTTP/2 in each direction."""

    model: str
    server_us: float
    stock_client_us: float
    our_client_us: float
    request_bytes: float
    response_bytes: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """Calls a second of so many replicas: of a model that waits, and of one that computes with CPU µs a call in all."""

    replicas: int
    waiting: float
    computing: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Replica:
    """What one replica takes beside its calls.

    Resident MiB with a small model; reads of the store (directories listed, files read) in a look when nothing is new,
    with no model and for each; bytes read by a replica for each byte of a version that it rolls out; series that
    Prometheus scrapes, without a model and for each, once it has answered.
    """

    mib: float
    poll_reads: float
    poll_reads_a_model: float
    rollout_ratio: float
    series: int
    series_a_model: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All of them."""

    costs: list[Cost]
    throughput: list[Throughput]
    replica: Replica

    def write(self, file: Path) -> None:
        """As JSON, in four digits."""
        file.write_text(json.dumps(rounded(asdict(self)), indent=1) + "\n")


def read(file: Path) -> Figures:
    """What `Figures.write` wrote."""
    found = json.loads(file.read_text())
    return Figures(
        [Cost(**one) for one in found["costs"]],
        [Throughput(**one) for one in found["throughput"]],
        Replica(**found["replica"]),
    )
