"""Clusters of two worker processes, of one thread each. A worker that dies is replaced by another."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from distributed import LocalCluster


@contextmanager
def two_workers() -> Iterator[str]:
    """The scheduler's address."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1", silence_logs=50
    ) as cluster:
        address: str = cluster.scheduler_address
        yield address


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Of a cluster that the tests of a module share."""
    with two_workers() as address:
        yield address


@pytest.fixture
def doomed() -> Iterator[str]:
    """Of a cluster that nobody else will need: all its workers may die at once, and not all be replaced."""
    with two_workers() as address:
        yield address
