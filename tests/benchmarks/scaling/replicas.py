"""Throughput against replicas, and what a replica takes of memory, store and Prometheus."""

import json
import re
from collections import Counter
from pathlib import Path

import grpc
import numpy as np

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_client import Client, HotshelfError
from hotshelf_server.core.model_settings import ModelSettings
from hotshelf_server.models.sources.store import StoreSource
from hotshelf_store import Store, open_store
from hotshelf_store.local import LocalBackend
from tests.benchmarks.scaling.figures import Replica, Throughput
from tests.benchmarks.scaling.loads import Call, Spent, calling
from tests.e2e.scaling.fleet import Fleet, fleet_of
from tests.e2e.server_process import wait_until
from tests.fakes.bundles import publish_lightgbm, python_bundle
from tests.integration.protocol.speaking import ask, rows

WAITING, COMPUTING = ask("waits"), ask("toy", rows(np.ones((256, 3))))
CALLS_WAITING, CALLS_COMPUTING = 240, 1_500
ROUNDS = 5
POLLS = 10
ROUND_ROBIN = ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]}))


def prepared(folder: Path) -> Path:
    """A store with a model that waits 50 ms, one call at a time, and one that computes; and settings for them."""
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    version = store.publish("waits", folder / "waits", python_bundle(folder / "waits", "Unhurried"))
    store.promote("waits", version, reason="benchmark", force=True)
    publish_lightgbm(store, folder / "toy", trees=500)
    (folder / "server.yaml").write_text(json.dumps({"model_settings": {"waits": {"concurrency": 1}}}))
    return folder / "store"


def throughput(folder: Path, most: int = 3) -> list[Throughput]:
    """Of 1, 2, … replicas behind round robin."""
    store = prepared(folder)
    arguments = ("--config", folder / "server.yaml", "--allow-python", "tests.fakes")
    with fleet_of(1, store, *arguments) as fleet:
        found = [_of(fleet)]
        for _ in range(1, most):
            fleet.start()
            fleet.announce()
            found.append(_of(fleet))
        return found


def _of(fleet: Fleet) -> Throughput:
    processes = [one.process for one in fleet.replicas]
    with grpc.insecure_channel(fleet.target, options=[ROUND_ROBIN, ("grpc.use_local_subchannel_pool", 1)]) as channel:
        stub = GRPCInferenceServiceStub(channel)

        def spend(call: Call, calls: int, threads: int) -> Spent:
            known = [one.answered() for one in fleet.replicas]
            wait_until(lambda: call() and all(o.answered() > k for o, k in zip(fleet.replicas, known, strict=True)))
            return calling(call, calls, processes, threads)

        waited = spend(lambda: stub.ModelInfer(WAITING, timeout=30), CALLS_WAITING, 12)
        computed = [spend(lambda: stub.ModelInfer(COMPUTING, timeout=30), CALLS_COMPUTING, 6) for _ in range(ROUNDS)]
    # Of the rounds the best: neighbours on the machine only ever take.
    cpu = 1e6 * min((one.servers + one.caller) / one.calls for one in computed)
    most = max(one.calls / one.seconds for one in computed)
    return Throughput(len(processes), waited.calls / waited.seconds, most, cpu)


def replica(folder: Path) -> Replica:
    """What one takes beside its calls."""
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    with fleet_of(1, folder / "store") as fleet:
        (one,) = fleet.replicas
        empty = _series(fleet)
        publish_lightgbm(store, folder / "toy")
        _answer(fleet, 1)
        series, mib = _series(fleet), one.process.resident_mib
        before = one.process.bytes_read
        publish_lightgbm(store, folder / "large", trees=5_000)
        _answer(fleet, 2)
        size = (folder / "large" / "model.txt").stat().st_size
        ratio = (one.process.bytes_read - before) / size
    fixed, each = poll_reads(folder / "store")
    return Replica(mib, fixed, each, ratio, empty, series - empty)


def _answer(fleet: Fleet, version: int) -> None:
    """Until it has answered by a version."""

    def answers(client: Client) -> bool:
        try:
            return client.predict("toy", {"input": np.ones((1, 3))}).version == version
        except HotshelfError:
            return False  # the model is not known yet, or loading

    with Client(fleet.replicas[0].address) as client:
        wait_until(lambda: answers(client))


def _series(fleet: Fleet) -> int:
    return sum(bool(re.match(r"[a-z]", line)) for line in fleet.replicas[0].scraped().splitlines())


class Counting(LocalBackend):
    """Counts what is asked of it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: Counter[str] = Counter()

    def read(self, key: str) -> bytes:
        """As the backend does."""
        self.asked["read"] += 1
        return super().read(key)

    def children(self, prefix: str) -> list[str]:
        """As the backend does."""
        self.asked["children"] += 1
        return super().children(prefix)


def poll_reads(root: Path) -> tuple[float, float]:
    """Reads and listings of a look that finds nothing new: with no model, and for each."""
    backend = Counting(root)
    source = StoreSource(Store(backend), lambda model: ModelSettings())
    models = len(source.poll().models)
    backend.asked.clear()
    for _ in range(POLLS):
        source.poll()
    fixed = 1.0  # the list of models
    return fixed, (backend.asked.total() / POLLS - fixed) / models
