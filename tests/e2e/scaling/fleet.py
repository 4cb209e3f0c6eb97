"""Servers as processes, each at an address of its own on this machine and all at one port, as pods have it."""

import socket
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from hotshelf_client import Client
from tests.e2e.server_process import ServerProcess, serving, wait_until
from tests.fakes.dns import Names, naming


@dataclass(frozen=True)
class Replica:
    """A server at one address."""

    host: str
    process: ServerProcess

    @property
    def address(self) -> str:
        """Where it is called by itself."""
        return f"{self.host}:{self.process.port}"

    def scraped(self) -> str:
        """What Prometheus gets of it."""
        with urllib.request.urlopen(f"http://{self.host}:{self.process.metrics_port}/metrics") as answer:
            return str(answer.read().decode())

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples with these labels."""
        families = text_string_to_metric_families(self.scraped())
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    def answered(self) -> float:
        """How many inferences it has answered."""
        return self.metric("hotshelf_calls_total", method="ModelInfer", code="OK")

    def ready(self) -> bool:
        """Whether it takes traffic."""
        with Client(self.address, timeout=1) as client:
            return client.ready()


class Fleet:
    """Replicas of one store, and the name that leads to those it was told."""

    def __init__(self, store: Path, names: Names, stack: ExitStack, arguments: Sequence[object]) -> None:
        self.names = names
        self.port = _free_port()
        self.replicas: list[Replica] = []
        self._store = store
        self._stack = stack
        self._arguments = arguments
        self._started = 1

    @property
    def target(self) -> str:
        """Where gRPC finds all that the name leads to."""
        return self.names.target(self.port)

    def start(self, count: int = 1) -> list[Replica]:
        """So many more, once they are ready; the name doesn't lead to them yet."""
        hosts = [f"127.0.0.{self._started + number}" for number in range(1, count + 1)]
        self._started += count
        with ThreadPoolExecutor(count) as threads:
            started = list(threads.map(self._serve, hosts))
        self.replicas += started
        return started

    def announce(self) -> None:
        """Have the name lead to all replicas that there are."""
        self.names.hosts = tuple(one.host for one in self.replicas)

    def drop(self, replica: Replica) -> None:
        """Have the name lead there no longer; the server itself knows nothing of it."""
        self.replicas.remove(replica)
        self.announce()

    def _serve(self, host: str) -> Replica:
        place = ("--host", host, "--port", self.port, "--store", self._store)
        replica = Replica(host, self._stack.enter_context(serving(*place, *self._arguments)))
        wait_until(replica.ready)
        return replica


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@contextmanager
def fleet_of(count: int, store: Path, *arguments: object) -> Iterator[Fleet]:
    """So many replicas, behind one name."""
    with naming() as names, ExitStack() as stack:
        fleet = Fleet(store, names, stack, arguments)
        fleet.start(count)
        fleet.announce()
        yield fleet
