"""LightGBM's data-parallel learner over the workers of a cluster (Ke et al., NIPS 2017; lightgbm.dask).

The workers talk to each other over TCP ports of LightGBM's own, which know neither encryption nor passwords.
"""

import contextlib
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Protocol

import dask.dataframe as dd
import lightgbm
import lightgbm.dask
import pandas as pd
from distributed import Client

from hotshelf_trainer.errors import ClusterError, TrainingError
from hotshelf_trainer.scale_out.chunk import Chunk
from hotshelf_trainer.scale_out.cluster import Cluster, Refused

ATTEMPTS = 4
"""A worker's death ends the fit of all of them; it is begun anew, as a whole."""
SOCKET_MINUTES = 10
"""That a worker waits for another one before it gives up."""
NETWORK = re.compile(r"^\[(machines|num_machines|local_listen_port|time_out): .*\]\n", re.MULTILINE)
"""What LightGBM notes in the model of the machines that fitted it: of no use to who loads it."""


class Shares(Protocol):
    """Rows that workers read by themselves."""

    def read(self, part: int, parts: int) -> Chunk:
        """One of so many disjoint shares, on the worker that learns from it."""
        ...


def boosted(
    cluster: Cluster, shares: Shares, like: Chunk, parameters: Mapping[str, Any], trees: int
) -> lightgbm.Booster:
    """A plain booster of so many trees; ``like``: a chunk of any rows.

    Raises what reading a share does of ``TrainingError``, and ``ClusterError`` where every attempt fails.
    """
    failures: list[str] = []
    hands = cluster.workers_for_a_joint_fit()
    for _ in range(ATTEMPTS):
        workers = cluster.require_workers(hands)
        try:
            return _attempt(cluster.client, workers, shares, like, {**parameters, "n_estimators": trees})
        except TrainingError:
            raise
        except Exception as error:  # noqa: BLE001 - a worker's death shows as LightGBM's error, as Dask's, or an empty iterator
            failures.append(f"{type(error).__name__}: {error}")
    raise ClusterError(f"the fit over {hands} workers failed {ATTEMPTS} times, the last one by {failures[-1]}")


def _attempt(
    client: Client, workers: Sequence[str], shares: Shares, like: Chunk, parameters: Mapping[str, Any]
) -> lightgbm.Booster:
    # Classes are learned by their numbers: LightGBM's own classifier numbers them on each worker anew, by what it sees.
    kind = lightgbm.dask.DaskLGBMRegressor if like.group is None else lightgbm.dask.DaskLGBMRanker
    learner = kind(client=client, tree_learner="data", time_out=SOCKET_MINUTES, **parameters)
    read = [
        client.submit(_read, shares, part, len(workers), workers=[worker], pure=False, retries=0)
        for part, worker in enumerate(workers)
    ]
    for refused in client.gather(_each(client, workers, read, _refusal)):
        if refused is not None:
            raise refused
    data = _collection(client, workers, read, "data", like.data)
    label = _collection(client, workers, read, "label", like.label)
    group = {} if like.group is None else {"group": _collection(client, workers, read, "group", like.group)}
    # It tells on standard output that it looks for ports, and warns of a default of its own.
    with client.as_current(), contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Parameter n_jobs will be ignored")
        booster = learner.fit(data, label, **group).to_local().booster_
    return lightgbm.Booster(model_str=NETWORK.sub("", booster.model_to_string()))


def _read(shares: Shares, part: int, parts: int) -> Chunk | Refused:
    try:
        return shares.read(part, parts)
    except TrainingError as error:
        return Refused(error)


def _refusal(read: Chunk | Refused) -> TrainingError | None:
    return read.error if isinstance(read, Refused) else None


def _each(client: Client, workers: Sequence[str], read: Sequence[Any], function: Callable[[Any], Any]) -> list[Any]:
    """Of what each worker read, there."""
    return [client.submit(function, one, workers=[worker]) for one, worker in zip(read, workers, strict=True)]


def _collection(
    client: Client, workers: Sequence[str], read: Sequence[Any], name: str, like: "pd.DataFrame | pd.Series[Any]"
) -> Any:
    """A part on each worker, as one of Dask's data frames."""
    return dd.from_delayed(_each(client, workers, read, attrgetter(name)), meta=like.iloc[:0], verify_meta=False)
