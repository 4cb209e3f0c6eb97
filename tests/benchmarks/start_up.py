"""How soon a server is ready, and what it holds: ``python -m tests.benchmarks.start_up [--rounds N] [--json FILE]``.

`hotshelf serve` is started on a store with one LightGBM model of 500 trees with 63 leaves, by one process and by two
workers in turn. Wall time runs from exec to the first ServerReady that says so; CPU time is that of all its processes
up to then. Memory (PSS) is looked at after some calls and a rest. One start of each comes before those that count: it
leaves compiled modules, as installing does.
"""

import argparse
import json
import os
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from tests.benchmarks.markdown import table
from tests.benchmarks.speed.model import Model
from tests.benchmarks.speed.models import INPUT, trees
from tests.benchmarks.speed.processes import Processes, started
from tests.e2e.server_process import COMMAND

ROUNDS = 5
WORKERS = (1, 2)
CALLS = 200
"""Before memory is looked at."""

REST_SECONDS = 2.0
LOOK_SECONDS = 0.01
LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Start:
    """Wall and CPU seconds from exec to ready, and PSS in MB (10⁶ bytes) of all processes at rest."""

    ready_seconds: float
    cpu_seconds: float
    pss_mb: float


def main() -> None:
    """Measure, print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.start_up", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures of all rounds")
    args = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        found = measure(trees(folder), folder, args.rounds)
    if args.json:
        rounds = {workers: [asdict(one) for one in starts] for workers, starts in found.items()}
        args.json.write_text(json.dumps(rounds, indent=2) + "\n")
    head = ("workers", "ready, seconds", "CPU until then, seconds", "PSS, MB")
    print("\n".join(table(head, (line(workers, starts) for workers, starts in found.items()))))


def measure(model: Model, folder: Path, rounds: int) -> Mapping[int, Sequence[Start]]:
    """By number of workers; the medians are what counts."""
    for workers in WORKERS:
        start(model, workers, folder)
    found: dict[int, list[Start]] = {workers: [] for workers in WORKERS}
    for _ in range(rounds):
        for workers, starts in found.items():
            starts.append(start(model, workers, folder))
    return found


def line(workers: int, starts: Sequence[Start]) -> Sequence[str]:
    """Medians, and the least and the most."""
    columns = zip(*(asdict(one).values() for one in starts), strict=True)
    return [str(workers)] + [
        f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})" for values in map(sorted, columns)
    ]


def start(model: Model, workers: int, folder: Path) -> Start:
    """Start a server, wait, call it, look, end it."""
    begun = time.monotonic()
    with running(model, workers, folder) as (server, port), grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        seconds, cpu_seconds = time.monotonic() - begun, server.cpu_seconds
        for number in range(CALLS):
            GRPCInferenceServiceStub(channel).ModelInfer(request(model, number))
        time.sleep(REST_SECONDS)
        return Start(seconds, cpu_seconds, server.pss_mb)


@contextmanager
def running(model: Model, workers: int, folder: Path) -> Iterator[tuple[Processes, int]]:
    """A server that is ready, and its port."""
    port, metrics_port = free_ports(2)
    command = [
        *(*COMMAND, "serve", f"--store={model.store}", f"--require-model={model.name}", f"--workers={workers}"),
        *("--host=127.0.0.1", f"--port={port}", f"--metrics-port={metrics_port}"),
    ]
    end = time.monotonic() + LONGEST_SECONDS
    with started(command, environment(folder), folder, folder / "log") as server:

        def wait(true: Callable[[], bool]) -> None:
            while not true():
                if server.ended or time.monotonic() > end:
                    raise RuntimeError(f"the server is not ready: {server.log}")
                time.sleep(LOOK_SECONDS)

        wait(lambda: listens(port))
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            wait(lambda: is_ready(GRPCInferenceServiceStub(channel)))
        yield server, port


def listens(port: int) -> bool:
    """Whether somebody takes connections there. Cheaper to ask than gRPC, which would take time from who starts."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def is_ready(stub: GRPCInferenceServiceStub) -> bool:
    """Whether the server says so. One that listens and answers nobody yet is waited for."""
    try:
        return stub.ServerReady(pb.ServerReadyRequest(), timeout=1, wait_for_ready=True).ready
    except grpc.RpcError:
        return False


def request(model: Model, seed: int) -> pb.ModelInferRequest:
    """Of one row."""
    row = model.draw(1, seed)
    found = pb.ModelInferRequest(model_name=model.name)
    found.inputs.add(name=INPUT, datatype=model.input.datatype, shape=row.shape)
    found.raw_input_contents.append(row.tobytes())
    return found


def environment(folder: Path) -> Mapping[str, str]:
    """This checkout's packages, and a place for what Python compiles of them."""
    path = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry)
    return {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def free_ports(number: int) -> Sequence[int]:
    """Ports that nobody listened on a moment ago."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [one.getsockname()[1] for one in sockets]


if __name__ == "__main__":
    main()
