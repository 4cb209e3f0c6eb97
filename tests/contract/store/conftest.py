"""Every backend, and a store on each."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hotshelf_store import Store
from hotshelf_store.backend import Backend
from hotshelf_store.local import LocalBackend
from tests.fakes.clock import FakeClock
from tests.fakes.memory_backend import MemoryBackend

BACKENDS: dict[str, Callable[[Path], Backend]] = {"local": LocalBackend, "memory": lambda _: MemoryBackend()}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    root = tmp_path / "root"
    root.mkdir()
    return BACKENDS[request.param](root)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(backend: Backend, clock: FakeClock) -> Store:
    return Store(backend, clock.now)
