"""A server of several processes, connections that reach each of them, and steady calls with our client's retries."""

import json
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import numpy as np
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_client.channel import RECONNECT_MS, SERVICE_CONFIG
from tests.e2e.server_process import ServerProcess, wait_until
from tests.integration.protocol.speaking import ask, rows

CALL = ask("toy", rows(np.ones((1, 3))))
SECONDS = 20.0
"""Limit of a call."""

MOST_CONNECTIONS = 64
"""The kernel spreads connections by chance: with so many, one of two workers is left out once in 10^19 times."""

Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def connect(server: ServerProcess) -> grpc.Channel:
    """A channel with a connection of its own, and our client's retries."""
    options = [
        ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
        ("grpc.initial_reconnect_backoff_ms", RECONNECT_MS),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    return grpc.insecure_channel(server.address, options=options)


def workers(server: ServerProcess) -> set[int]:
    """The process ids of those that run."""
    parent = server._process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {int(child) for child in children if "hotshelf_server.worker" in _command(child)}


def _command(process: str) -> str:
    """Empty for one that has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def scrape(server: ServerProcess) -> Samples:
    """Every sample of the metrics, by its name and labels."""
    request = urllib.request.Request(
        f"http://localhost:{server.metrics_port}/metrics", headers={"Accept": "application/openmetrics-text"}
    )
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]  # prometheus_client types its core alone
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value for one in families for sample in one.samples
    }


def metric(server: ServerProcess, name: str, **labels: str) -> float:
    """The sum of a metric's samples with these labels."""
    found = scrape(server).items()
    return sum(value for (one, has), value in found if one == name and labels.items() <= dict(has).items())


@contextmanager
def reaching_all(server: ServerProcess, count: int) -> Iterator[list[GRPCInferenceServiceStub]]:
    """Stubs on connections of their own, at least one of which leads to each worker."""
    with ExitStack() as stack:
        stubs = []
        for _ in range(MOST_CONNECTIONS):
            channel = stack.enter_context(connect(server))
            grpc.channel_ready_future(channel).result(SECONDS)
            stubs.append(GRPCInferenceServiceStub(channel))
            met = [
                name for name in map(str, range(count)) if metric(server, "hotshelf_worker_connections", worker=name)
            ]
            if len(met) == count:
                break
        yield stubs


class Load:
    """Threads that call without pause, each on a connection of its own."""

    def __init__(self, server: ServerProcess, threads: int = 4) -> None:
        self._server = server
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]
        self.answered = 0
        self.failures: list[str] = []

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        self.go_on()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def go_on(self, calls: int = 300) -> None:
        """Until so many more were answered."""
        end = self.answered + calls
        wait_until(lambda: self.answered >= end or self.failures)

    def _run(self) -> None:
        with connect(self._server) as channel:
            stub = GRPCInferenceServiceStub(channel)
            while not self._over.is_set():
                try:
                    stub.ModelInfer(CALL, timeout=SECONDS)
                    self.answered += 1
                except grpc.RpcError as error:
                    self.failures.append(f"{error.code().name}: {error.details()}")
                time.sleep(0.001)


def kill(server: ServerProcess) -> int:
    """SIGKILL for one worker; its process id."""
    victim = min(workers(server))
    os.kill(victim, signal.SIGKILL)
    return victim


def until_replaced(server: ServerProcess, before: set[int], count: int) -> None:
    """Until as many others take calls."""
    wait_until(lambda: not before & workers(server) and metric(server, "hotshelf_workers") == count)
