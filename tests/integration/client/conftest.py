"""A fake server for each test."""

from collections.abc import Iterator

import pytest

from hotshelf_client import Client
from tests.fakes.hotshelf import FakeHotshelf, serving


@pytest.fixture
def server() -> Iterator[FakeHotshelf]:
    with serving() as fake:
        yield fake


@pytest.fixture
def client(server: FakeHotshelf) -> Iterator[Client]:
    with Client(server.address, timeout=10) as made:
        yield made
