"""Hotshelf as it is by default: metrics, validation, routing, leases, deadlines and the fast lane on."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tests.benchmarks.speed.servers.server import Launch, NotHere, Place, Server, scraped, versions_here
from tests.e2e.server_process import COMMAND

MODELS = ("trees", "pipeline", "identity", "shop")
LIBRARIES = ("grpcio", "protobuf", "lightgbm", "scikit-learn", "onnxruntime")
CALLS = "hotshelf_calls_total"
ENDS = {"OK": True, "CANCELLED": None}
"""Whether a code is an answer; h2load leaves while calls run, which is no refusal."""


def ours(workers: int) -> Server:
    """With so many processes on the port."""
    kind = "1 process" if workers == 1 else f"{workers} workers"
    return Server(
        f"hotshelf-{workers}",
        f"Hotshelf, {kind}",
        MODELS,
        lambda place: _launch(place, workers),
        lambda: versions_here(*LIBRARIES),
    )


def _launch(place: Place, workers: int) -> Launch:
    several = [] if workers == 1 else [f"--workers={workers}"]
    ports = [f"--port={place.port}", f"--metrics-port={place.metrics_port}", "--host=127.0.0.1"]
    model = [f"--store={place.model.store}", f"--require-model={place.model.name}"]
    command = [*COMMAND, "serve", *ports, *model, *several]
    _require(command)
    return Launch(command, _environment(), lambda: scraped(place.metrics_port, is_answer))


def _require(command: Sequence[str]) -> None:
    """Raises `NotHere` where this checkout doesn't know a flag."""
    run = subprocess.run(
        [*command, "--print-config"], env={**os.environ, **_environment()}, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise NotHere(f"hotshelf serve refuses its flags: {run.stderr.strip().splitlines()[-1]}")


def _environment() -> Mapping[str, str]:
    """The packages of this checkout, also where it isn't installed."""
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def is_answer(name: str, labels: Mapping[str, str]) -> bool | None:
    """Whether a sample counts answers of ModelInfer, refusals (False), or neither (None)."""
    if name != CALLS or labels["method"] != "ModelInfer":
        return None
    return ENDS.get(labels["code"], False)
