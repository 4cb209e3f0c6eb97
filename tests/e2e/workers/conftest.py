"""One server of two workers, for tests that leave it as they find it: with two workers and one model, ``toy``."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotshelf_client import Client
from hotshelf_store import Store, open_store
from tests.e2e.server_process import ServerProcess, serving, wait_until
from tests.fakes.bundles import publish_lightgbm

CONFIG = """\
workers: 2
max_connection_age: 1
poll_seconds: 0.1
drain_delay: 0.1
"""


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Has the store and the file of settings."""
    found = tmp_path_factory.mktemp("workers")
    (found / "store").mkdir()
    (found / "hotshelf.yaml").write_text(CONFIG)
    return found


@pytest.fixture(scope="package")
def store(folder: Path) -> Store:
    store = open_store(folder / "store")
    publish_lightgbm(store, folder / "toy")
    return store


@pytest.fixture(scope="package")
def server(folder: Path, store: Store) -> Iterator[ServerProcess]:
    arguments = ("--store", folder / "store", "--config", folder / "hotshelf.yaml", "--model-control", "both")
    with serving(*arguments) as server, Client(server.address) as client:
        wait_until(client.ready)
        yield server
