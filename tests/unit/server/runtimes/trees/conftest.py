"""The library, where it was compiled."""

import pytest

from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.library import open_library


@pytest.fixture(scope="session", autouse=True)
def _library() -> None:
    try:
        open_library()
    except Unsupported as reason:
        pytest.skip(str(reason))
