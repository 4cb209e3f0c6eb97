"""What the benchmark knows of a server: how it is started, and what it counted itself."""

import socket
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.benchmarks.speed.model import Model
from tests.benchmarks.speed.oip import OIP
from tests.benchmarks.speed.wire import Wire


class NotHere(Exception):
    """A server that can't be measured on this machine, and why."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Calls of ModelInfer that a server says it answered, and refused."""

    answered: float
    refused: float


@dataclass(frozen=True, slots=True)
class Place:
    """What a server is started with: the model, a folder of its own, the port where it is to listen on 127.0.0.1, and
    another one for its metrics.
    """

    model: Model
    scratch: Path
    port: int
    metrics_port: int

    @property
    def file(self) -> Path:
        """The model, as peers take it. Raises `NotHere`."""
        if self.model.file is None:
            raise NotHere(f"it can't run {self.model.name}")
        return self.model.file


@dataclass(frozen=True, slots=True)
class Launch:
    """A command with its variables, and where the server's own count is found, if it has one."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    counted: Callable[[], Counted] | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """A server that takes part: with which models, and how it is launched.

    ``versions`` are those of the libraries that it is made of. Both ``launch`` and ``versions`` raise `NotHere`.
    """

    name: str
    title: str
    models: Sequence[str]
    launch: Callable[[Place], Launch]
    versions: Callable[[], Sequence[str]]
    wire: Wire = OIP


def versions_here(*names: str) -> Sequence[str]:
    """Such as ``grpcio 1.85.1``, of libraries of this environment."""
    return [f"{name} {version(name)}" for name in names]


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def scraped(port: int, is_answer: "Callable[[str, Mapping[str, str]], bool | None]") -> Counted:
    """What /metrics tells. ``is_answer`` says of a sample's name and labels: answers, refusals (False) or neither."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    sums = {True: 0.0, False: 0.0}
    for sample in (one for family in families for one in family.samples):
        kind = is_answer(sample.name, sample.labels)
        if kind is not None:
            sums[kind] += sample.value
    return Counted(sums[True], sums[False])
