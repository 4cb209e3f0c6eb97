"""LightGBM's data-parallel learner over the workers of a cluster (Ke et al., NIPS 2017; lightgbm.dask).

The workers talk to each other over TCP ports of LightGBM's own, which know neither encryption nor passwords.
"""

import contextlib
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import dask.dataframe as dd
import lightgbm
import lightgbm.dask
import pandas as pd
from distributed import Client

from hotshelf_trainer.errors import ClusterError
from hotshelf_trainer.scale_out.chunk import Chunk
from hotshelf_trainer.scale_out.cluster import Cluster

ATTEMPTS = 4
"""A worker's death ends the fit of all of them; it is begun anew, as a whole."""
SOCKET_MINUTES = 10
"""That a worker waits for another one before it gives up."""
NETWORK = re.compile(r"^\[(machines|num_machines|local_listen_port|time_out): .*\]\n", re.MULTILINE)
"""What LightGBM notes in the model of the machines that fitted it: of no use to who loads it."""


def boosted(
    cluster: Cluster, chunks: Sequence[Chunk], parameters: Mapping[str, Any], trees: int, *, ranks: bool
) -> lightgbm.Booster:
    """A plain booster of so many trees. Raises ``ClusterError`` where every attempt fails."""
    failures: list[str] = []
    for _ in range(ATTEMPTS):
        workers = cluster.require_workers(len(chunks))
        try:
            return _attempt(cluster.client, workers, chunks, {**parameters, "n_estimators": trees}, ranks=ranks)
        except Exception as error:  # noqa: BLE001 - a worker's death shows as LightGBM's error, as Dask's, or an empty iterator
            failures.append(f"{type(error).__name__}: {error}")
    raise ClusterError(f"the fit over {len(chunks)} workers failed {ATTEMPTS} times, the last one by {failures[-1]}")


def _attempt(
    client: Client, workers: Sequence[str], chunks: Sequence[Chunk], parameters: Mapping[str, Any], *, ranks: bool
) -> lightgbm.Booster:
    # Classes are learned by their numbers: LightGBM's own classifier numbers them on each worker anew, by what it sees.
    kind = lightgbm.dask.DaskLGBMRanker if ranks else lightgbm.dask.DaskLGBMRegressor
    learner = kind(client=client, tree_learner="data", time_out=SOCKET_MINUTES, **parameters)
    data = _collection(client, workers, [chunk.data for chunk in chunks])
    label = _collection(client, workers, [chunk.label for chunk in chunks])
    groups = [chunk.group for chunk in chunks if chunk.group is not None]
    group = {"group": _collection(client, workers, groups)} if ranks else {}
    # It tells on standard output that it looks for ports, and warns of a default of its own.
    with client.as_current(), contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Parameter n_jobs will be ignored")
        booster = learner.fit(data, label, **group).to_local().booster_
    return lightgbm.Booster(model_str=NETWORK.sub("", booster.model_to_string()))


def _collection(client: Client, workers: Sequence[str], parts: "Sequence[pd.DataFrame | pd.Series[Any]]") -> Any:
    """A part on each worker, as one of Dask's data frames."""
    there = [client.scatter(part, workers=[worker], hash=False) for part, worker in zip(parts, workers, strict=True)]
    return dd.from_delayed(there, meta=parts[0].iloc[:0], verify_meta=False)
