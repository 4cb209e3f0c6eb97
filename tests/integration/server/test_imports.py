"""No process of a server imports what it doesn't use: such a library costs tens of MB, and up to seconds at start."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hotshelf_store import open_store
from tests.fakes.bundles import publish_lightgbm

HEAVY = {
    *("grpc_tools.protoc", "lightgbm", "obstore", "opentelemetry", "rich", "unittest", "yaml"),
    *("joblib", "onnx", "onnxruntime", "pandas", "scipy", "skops", "sklearn"),
    *("duckdb", "implicit", "jinja2", "matplotlib", "optuna", "polars", "psycopg", "pyarrow", "sqlalchemy"),
}
"""What the runtimes of other models, the trainer, the command line and options bring, and LightGBM's own package: a
server calls its library alone."""

SERVER = """
import sys, time
from hotshelf_server import app, lifecycle
from hotshelf_server.settings import Settings
server = app.build(Settings(store=sys.argv[1], required_models=("toy",), host="127.0.0.1", port=0, metrics_port=0))
lifecycle.start(server)
while not server.readiness():
    time.sleep(0.01)
import grpc
from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
with grpc.insecure_channel(f"127.0.0.1:{server.listener.port}") as channel:
    request = pb.ModelInferRequest(model_name="toy", raw_input_contents=[bytes(24)])
    request.inputs.add(name="input", datatype="FP64", shape=[1, 3])
    assert GRPCInferenceServiceStub(channel).ModelInfer(request).model_version == "1"
"""
TRIALS = """
from hotshelf_server import trial
trial.warm_up()
"""
PARENT = "import hotshelf_server.command, hotshelf_server.workers.parent"
WORKER = "import hotshelf_server.worker"
TELL = """
import json, os, sys
print(json.dumps(sorted(sys.modules)), flush=True)
os._exit(0)
"""


def imported(script: str, *arguments: object) -> set[str]:
    """The names of the modules that a script leaves imported, and of their packages."""
    command = [sys.executable, "-c", script + TELL, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    modules = set(json.loads(done.stdout))
    return modules | {name.partition(".")[0] for name in modules}


def test_a_server_of_a_lightgbm_model_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    publish_lightgbm(open_store(tmp_path / "store"), tmp_path / "bundle")
    found = imported(SERVER, tmp_path / "store")
    assert {"hotshelf_server.runtimes.lightgbm", "grpc", "numpy"} <= found
    assert found & HEAVY == set()


def test_a_worker_imports_nothing_heavy() -> None:
    found = imported(WORKER)
    assert {"hotshelf_server.app", "grpc", "numpy"} <= found
    assert found & HEAVY == set()


def test_the_process_of_trial_loads_imports_neither_what_is_heavy_nor_what_speaks_grpc() -> None:
    found = imported(TRIALS)
    assert {"hotshelf_server.runtimes.lightgbm", "numpy"} <= found
    assert found & (HEAVY | {"grpc", "pydantic", "prometheus_client", "asyncio"}) == set()


def test_the_parent_of_workers_imports_neither_what_is_heavy_nor_what_serves() -> None:
    found = imported(PARENT)
    assert {"hotshelf_server.workers.supervisor", "prometheus_client", "pydantic"} <= found
    assert found & (HEAVY | {"grpc", "numpy", "google", "hotshelf_server.app"}) == set()


@pytest.mark.parametrize("name", ["yaml", "lightgbm"])
def test_what_is_imported_is_seen(name: str) -> None:
    assert imported(f"import {name}") & HEAVY >= {name}
