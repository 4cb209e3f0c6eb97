"""NVIDIA Triton Inference Server, from the wheel of nvidia-pytriton: its C++ front end and Python backend.

Two instances of a Python model, so that both cores are used, and dynamic batching without delay: what its documentation
advises for CPU models that can't be exported. The wheel's server is run by itself, without pytriton's proxy.
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.speed.model import Model, Tensor
from tests.benchmarks.speed.servers.server import Launch, NotHere, Place, Server, scraped
from tests.benchmarks.speed.servers.venvs import Venvs

NAME = "triton"
SERVER_VERSION = "2.51"
"""Of the server in the wheel below."""
INSTANCES = 2
MAX_BATCH = 1024
ANSWERED, REFUSED, LEFT = "nv_inference_request_success_total", "nv_inference_request_failure_total", "CANCELED"
MODEL = Path(__file__).parent / "triton_model.py"
REQUIREMENTS = ("nvidia-pytriton==0.7.0", "lightgbm", "scikit-learn")


def triton(venvs: Venvs) -> Server:
    """Takes part where its environment can be made."""
    title = f"NVIDIA Triton, Python backend, {INSTANCES} instances, dynamic batching"
    return Server(
        NAME,
        title,
        ("trees", "pipeline", "identity"),
        lambda place: _launch(place, venvs),
        lambda: [f"Triton {SERVER_VERSION}", *venvs.made(NAME, REQUIREMENTS).versions()],
    )


def configuration(model: Model) -> str:
    """``config.pbtxt`` of a model."""
    lines = [
        f'name: "{model.name}"',
        'backend: "python"',
        f"max_batch_size: {MAX_BATCH}",
        f"input [{{ {_tensor(model.input)} }}]",
        f"output [{{ {_tensor(model.output)} }}]",
        f"instance_group [{{ count: {INSTANCES} kind: KIND_CPU }}]",
        "dynamic_batching { max_queue_delay_microseconds: 0 }",
    ]
    return "\n".join(lines) + "\n"


def _tensor(tensor: Tensor) -> str:
    shape = f"dims: [{tensor.columns}]" if tensor.columns else "dims: [1] reshape: { shape: [] }"
    return f'name: "{tensor.name}" data_type: TYPE_{tensor.datatype} {shape}'


def _launch(place: Place, venvs: Venvs) -> Launch:
    packages = venvs.made(NAME, REQUIREMENTS).packages
    home = packages / "pytriton" / "tritonserver"
    stub = home / "python_backend_stubs" / f"{sys.version_info.major}.{sys.version_info.minor}"
    if not stub.is_dir():
        raise NotHere(f"nvidia-pytriton has no stub for Python {stub.name}")
    backends = place.scratch / "backends"
    shutil.copytree(home / "backends", backends)
    shutil.copy(stub / "triton_python_backend_stub", backends / "python")
    command = [
        str(home / "bin" / "tritonserver"),
        f"--model-repository={_repository(place, packages)}",
        f"--backend-directory={backends}",
        f"--grpc-port={place.port}",
        "--grpc-address=127.0.0.1",
        "--allow-http=false",
        f"--metrics-port={place.metrics_port}",
        "--metrics-address=127.0.0.1",
        "--allow-gpu-metrics=false",
        "--log-info=false",
    ]
    environment = {"LD_LIBRARY_PATH": str(packages / "nvidia_pytriton.libs")}
    return Launch(command, environment, lambda: scraped(place.metrics_port, is_answer))


def _repository(place: Place, packages: Path) -> Path:
    """A folder with the model as Triton wants it. Its interpreter looks at no variables, so libraries lie beside it."""
    root = place.scratch / "repository"
    version = root / place.model.name / "1"
    version.mkdir(parents=True)
    (root / place.model.name / "config.pbtxt").write_text(configuration(place.model))
    shutil.copy(MODEL, version / "model.py")
    shutil.copy(place.file, version)
    (version / "packages").symlink_to(packages)
    return root


def is_answer(name: str, labels: Mapping[str, str]) -> bool | None:
    """Whether a sample counts answers of ModelInfer, refusals (False), or neither (None)."""
    if name == ANSWERED:
        return True
    return False if name == REFUSED and labels.get("reason") != LEFT else None
