"""A real server in this process, on free ports, over a real store."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_server import app, lifecycle
from hotshelf_server.settings import Settings
from hotshelf_store import Store, open_store
from tests.fakes.bundles import publish_lightgbm

WAIT = 60.0
"""Seconds."""

Serve = Callable[..., "Running"]


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    server: lifecycle.Server

    @property
    def address(self) -> str:
        """Where gRPC clients find it."""
        return f"localhost:{self.server.listener.port}"

    @property
    def metrics_url(self) -> str:
        """Where Prometheus finds it."""
        return f"http://localhost:{self.server.metrics.port}/metrics"


@contextmanager
def serving(**settings: object) -> Iterator[Running]:
    """A server with these settings, once what it wants is loaded."""
    defaults = {
        "port": 0,
        "metrics_port": 0,
        "drain_delay": 0,
        "drain_seconds": 5,
        "poll_seconds": 0.05,
    }
    server = app.build(Settings.model_validate({**defaults, **settings}))
    lifecycle.start(server)
    try:
        wait_until(server.readiness)
        yield Running(server)
    finally:
        lifecycle.stop(server)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return open_store(tmp_path / "store")


@pytest.fixture
def serve(store: Store, tmp_path: Path) -> Iterator[Serve]:
    """Serves this test's store; settings go over the usual ones."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(serving(**{"store": tmp_path / "store", **settings}))


@pytest.fixture
def channel(running: Running) -> Iterator[grpc.Channel]:
    """A channel to the server that a test module's own fixture ``running`` gives."""
    with grpc.insecure_channel(running.address) as channel:
        yield channel


@pytest.fixture
def registry(channel: grpc.Channel) -> RegistryServiceStub:
    return RegistryServiceStub(channel)


@pytest.fixture(scope="package")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server of one LightGBM model, shared by the tests that leave its store alone."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "store").mkdir()
    publish_lightgbm(open_store(folder / "store"), folder / "bundle")
    with serving(store=folder / "store") as running:
        yield running


def wait_until(true: Callable[[], object]) -> None:
    """Poll until something holds."""
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline, f"not within {WAIT} s"
        time.sleep(0.02)
