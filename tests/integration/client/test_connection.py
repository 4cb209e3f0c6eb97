"""A client follows a name: servers that come get calls, those that go lose none."""

import gc
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_client import Client
from hotshelf_client.connection import Connection
from hotshelf_store import Store
from tests.fakes.bundles import publish_lightgbm
from tests.fakes.dns import NAME, Names, naming
from tests.integration.conftest import Running, Serve, wait_until
from tests.integration.protocol.speaking import ask, metric, rows

LOOK = 0.05
"""Seconds."""

REQUEST = ask("toy", rows(np.ones((1, 3))))


@dataclass(frozen=True)
class At(Running):
    """A server at one address of this machine."""

    host: str

    @property
    def metrics_url(self) -> str:
        return f"http://{self.host}:{self.server.metrics.port}/metrics"


@pytest.fixture
def servers(serve: Serve, store: Store, tmp_path: Path) -> list[Running]:
    """Two on one port, at two addresses of this machine."""
    publish_lightgbm(store, tmp_path / "toy")
    first = serve(host="127.0.0.2").server
    second = serve(host="127.0.0.3", port=first.listener.port).server
    return [At(first, "127.0.0.2"), At(second, "127.0.0.3")]


@pytest.fixture
def names() -> Iterator[Names]:
    with naming("127.0.0.2") as names:
        yield names


@contextmanager
def connected(servers: Sequence[Running], names: Names) -> Iterator[GRPCInferenceServiceStub]:
    connection = Connection(names.target(servers[0].server.listener.port), names.lookup, LOOK)
    try:
        yield GRPCInferenceServiceStub(connection.healthy)
    finally:
        connection.close()


def call_until(stub: GRPCInferenceServiceStub, true: Callable[[], object]) -> None:
    def called() -> object:
        stub.ModelInfer(REQUEST, timeout=10)
        return true()

    wait_until(called)


def answered(running: Running) -> float:
    return metric(running, "hotshelf_calls_total", method="ModelInfer", code="OK")


def test_server_that_comes_gets_calls_and_one_that_goes_gets_none(servers: list[Running], names: Names) -> None:
    old, new = servers
    with connected(servers, names) as stub:
        stub.ModelInfer(REQUEST, timeout=10)
        assert (answered(old), answered(new)) == (1, 0)
        names.hosts = ("127.0.0.2", "127.0.0.3")
        call_until(stub, lambda: answered(new))
        names.hosts = ("127.0.0.3",)
        call_until(stub, lambda: calls_of(stub, old) == 0)


def calls_of(stub: GRPCInferenceServiceStub, running: Running) -> float:
    """How many of ten calls it answers."""
    before = answered(running)
    for _ in range(10):
        stub.ModelInfer(REQUEST, timeout=10)
    return answered(running) - before


def test_connections_outlive_a_change_of_addresses(servers: list[Running], names: Names) -> None:
    with connected(servers, names) as stub:
        stub.ModelInfer(REQUEST, timeout=10)
        before = connections("127.0.0.2", servers)
        names.hosts = ("127.0.0.2", "127.0.0.3")
        call_until(stub, lambda: answered(servers[1]))
        assert connections("127.0.0.2", servers) == before
        assert len(before) == 1


def connections(host: str, servers: Sequence[Running]) -> set[str]:
    """The callers' ends of what is open to a server (Linux lists them)."""
    there = f"{int.from_bytes(socket.inet_aton(host), 'little'):08X}:{servers[0].server.listener.port:04X}"
    lines = [line for file in ("tcp", "tcp6") for line in Path(f"/proc/net/{file}").read_text().splitlines()]
    fields = [line.split() for line in lines]
    return {one[1] for one in fields if one[2].endswith(there) and one[3] == "01"}


def test_name_that_is_gone_for_a_while_changes_nothing(servers: list[Running], names: Names) -> None:
    looks = []

    def lookup(*arguments: Any, **options: Any) -> Any:
        looks.append(names.hosts)
        return names.lookup(*arguments, **options)

    connection = Connection(names.target(servers[0].server.listener.port), lookup, LOOK)
    stub = GRPCInferenceServiceStub(connection.healthy)
    stub.ModelInfer(REQUEST, timeout=10)
    names.hosts = ()
    wait_until(lambda: looks.count(()) >= 3)
    stub.ModelInfer(REQUEST, timeout=10)
    connection.close()


def test_closed_client_leaves_no_thread() -> None:
    with Client(f"{NAME}:1"):
        assert looking()
    wait_until(lambda: not looking())


def test_forgotten_connection_leaves_no_thread() -> None:
    connection = Connection(f"{NAME}:1", seconds=LOOK)
    assert looking()
    del connection
    gc.collect()
    wait_until(lambda: not looking())


def test_address_needs_no_thread() -> None:
    with Client("127.0.0.1:1"), Client("localhost:1"), Client("ipv4:127.0.0.1:1,127.0.0.2:1"):
        assert not looking()


def looking() -> list[str]:
    return [thread.name for thread in threading.enumerate() if NAME in thread.name]
