"""What a call costs the server in CPU time: ``python -m tests.benchmarks.call_cost [ROUNDS]``.

One client calls a small model one call after the other. What counts is the server's own CPU time, and of the rounds the
least: a neighbour on the machine only ever adds to it. The second figure is the bookkeeping of a call alone, without
gRPC and model.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import grpc
import numpy as np

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_server.core.clock import SystemClock
from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.observability.records import Records
from hotshelf_server.services.calls import Calls, Context
from hotshelf_store import open_store
from tests.e2e.server_process import serving, wait_until
from tests.fakes.bundles import publish_lightgbm
from tests.integration.protocol.speaking import ask, rows

CALLS = 4_000
"""Calls of a round; of the bookkeeping alone ten times as many."""

TRACEPARENT = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")


class Caller:
    """What the service sees of a caller."""

    def invocation_metadata(self) -> Any:
        return (("user-agent", "grpc-python"), ("accept-encoding", "identity"), TRACEPARENT)


def over_grpc(store: Path, rounds: int) -> float:
    """Microseconds of CPU time a call, of the server's process."""
    request = ask("toy", rows(np.ones((1, 3))))
    found = []
    with serving("--store", store) as server, grpc.insecure_channel(server.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        wait_until(lambda: stub.ServerReady(pb.ServerReadyRequest()).ready)
        for _ in range(rounds):
            before = server.cpu_seconds
            for _ in range(CALLS):
                stub.ModelInfer(request, metadata=(TRACEPARENT,))
            found.append(server.cpu_seconds - before)
    return min(found) / CALLS * 1e6


def bookkeeping(rounds: int) -> float:
    """Microseconds of CPU time a call, of its frame and records."""
    calls = Calls(Records(), SystemClock(), lambda: ("toy",))
    context = cast("Context", Caller())
    version = VersionId("toy", 1)
    found = []
    for _ in range(rounds):
        before = time.thread_time()
        for _ in range(10 * CALLS):
            with calls.frame("ModelInfer", context, "toy") as call:
                call.routed(version)
                call.decoded()
                call.answered(Times())
        found.append(time.thread_time() - before)
    return min(found) / (10 * CALLS) * 1e6


def main() -> None:
    """Print both figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        store.mkdir()
        publish_lightgbm(open_store(store), Path(folder) / "bundle")
        print(f"over gRPC: {over_grpc(store, rounds):.1f} µs a call")
    print(f"bookkeeping alone: {bookkeeping(rounds):.2f} µs a call")


if __name__ == "__main__":
    main()
