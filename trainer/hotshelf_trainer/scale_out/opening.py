"""Reaches the cluster that a training is given, before anything of the training begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hotshelf_trainer.errors import ClusterError

if TYPE_CHECKING:
    from hotshelf_trainer.scale_out.cluster import Cluster


@contextmanager
def opened(address: str | None, threads: int) -> Iterator["Cluster | None"]:
    """The cluster of the scheduler at that address, for fits of so many threads each; None without an address.

    Raises ``ClusterError`` where Dask isn't installed, nobody answers, or the workers' libraries are others than ours.
    """
    if address is None:
        yield None
        return
    try:
        from hotshelf_trainer.scale_out.cluster import connected  # noqa: PLC0415 - an extra that need not be there
    except ModuleNotFoundError as error:
        raise ClusterError("hotshelf train --dask needs dask: pip install 'hotshelf[dask]'") from error
    with connected(address, threads) as cluster:
        yield cluster
