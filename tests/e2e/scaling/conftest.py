"""A store with one model, and the ways to call it."""

from pathlib import Path

import pytest

from hotshelf_store import Store, open_store
from tests.fakes.bundles import publish_lightgbm


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    store = open_store(tmp_path / "store")
    publish_lightgbm(store, tmp_path / "toy")
    return store
