"""Ways to call a fleet, and steady calls by each of them."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import numpy as np

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_client import Client, HotshelfError
from tests.e2e.scaling.fleet import Fleet
from tests.fakes.dns import NAME
from tests.integration.k8s.envoy import proxying
from tests.integration.protocol.speaking import ask, rows

ROW = np.ones((1, 3))
REQUEST = ask("toy", rows(ROW))
SECONDS = 10.0
"""Limit of a call."""

FLOOR = 3.0
"""Seconds that stock gRPC leaves between looks at a name, here; 30 by default."""

Call = Callable[[], object]
"""One call; raises when it fails."""


@contextmanager
def our_client(fleet: Fleet, _: Path) -> Iterator[Call]:
    """`hotshelf_client`, which asks the DNS of the test instead of the system's."""
    with Client(fleet.target, timeout=SECONDS, lookup=fleet.names.lookup) as client:
        yield lambda: client.predict("toy", {"input": ROW})


@contextmanager
def stock_client(fleet: Fleet, _: Path) -> Iterator[Call]:
    """gRPC with round robin and nothing else."""
    options = [
        ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
        ("grpc.dns_min_time_between_resolutions_ms", int(FLOOR * 1000)),
    ]
    with grpc.insecure_channel(fleet.target, options=options) as channel:
        stub = GRPCInferenceServiceStub(channel)
        yield lambda: stub.ModelInfer(REQUEST, timeout=SECONDS)


@contextmanager
def through_envoy(fleet: Fleet, folder: Path) -> Iterator[Call]:
    """One connection to the Envoy that is shipped, by a client that repeats nothing."""
    with (
        proxying(folder, [(NAME, fleet.port)], fleet.names.port) as proxy,
        grpc.insecure_channel(f"127.0.0.1:{proxy.port}", options=[("grpc.enable_retries", 0)]) as channel,
    ):
        stub = GRPCInferenceServiceStub(channel)
        yield lambda: stub.ModelInfer(REQUEST, timeout=SECONDS)


class Load:
    """Threads that call without pause, and what became of it."""

    def __init__(self, call: Call, threads: int = 4) -> None:
        self._call = call
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]
        self.answered = 0
        self.failures: list[str] = []

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._call()
                self.answered += 1
            except (grpc.RpcError, HotshelfError) as error:
                self.failures.append(str(error))
            time.sleep(0.002)
