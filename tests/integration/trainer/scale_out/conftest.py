"""One cluster of two worker processes, of one thread each, for the tests of a module."""

from collections.abc import Iterator

import pytest

LocalCluster = pytest.importorskip("distributed").LocalCluster


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Its scheduler's address. A worker that dies is replaced by another."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1", silence_logs=50
    ) as cluster:
        address: str = cluster.scheduler_address
        yield address
