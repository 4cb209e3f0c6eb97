"""What tests on real processes share."""

import os
import sys

import pytest


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a child that imports the packages under test, also from a plain checkout."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
