"""Settings of all tests."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Machines that run tests are shared: how long an example takes says nothing.
settings.register_profile("hotshelf", deadline=None)
settings.load_profile("hotshelf")


@pytest.fixture(scope="session", autouse=True)
def _children_import_what_tests_import() -> Iterator[None]:
    """Processes that the code under test starts see the packages of this checkout, also where it isn't installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        yield
