"""The images work as they are deployed: not as root, on a read-only root, without capabilities, within their memory.

`make images` builds and tries them. HOTSHELF_TEST_IMAGES holds their tag.
"""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_client import Client
from hotshelf_store import open_store
from tests.e2e.containers.podman import SERVER, TRAINER, podman, run, running
from tests.e2e.server_process import wait_until
from tests.fakes.bundles import publish_lightgbm
from tests.integration.protocol.speaking import ask, rows

TAG = os.environ.get("HOTSHELF_TEST_IMAGES", "")
RECIPE = """
name: tumours
task: classification
data: {builtin: breast_cancer}
target: target
estimator: {name: lightgbm, parameters: {n_estimators: 20}}
split: {folds: 2}
diagnosis: {learning_curve: false, capacity_curve: false, validation_curves: false, bootstraps: 0, shuffles: 0}
"""

pytestmark = pytest.mark.skipif(not TAG, reason="make images builds the images, and sets HOTSHELF_TEST_IMAGES")
each = pytest.mark.parametrize("image", [f"{SERVER}:{TAG}", f"{TRAINER}:{TAG}"], ids=[SERVER, TRAINER])


def shared(folder: Path) -> Path:
    """A folder that the user of the containers may write to."""
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """With version 1 of ``toy``, a model of LightGBM."""
    folder = shared(tmp_path / "store")
    publish_lightgbm(open_store(folder), tmp_path / "bundle")
    for path in (tmp_path, *tmp_path.parents[:2]):
        path.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o777 if path.is_dir() else 0o644)
    return folder


@each
def test_nothing_is_inside_that_compiles_or_installs(image: str) -> None:
    found = run(
        image, ["-c", "for tool in gcc cc g++ make pip pip3; do command -v $tool; done; id -u"], entrypoint="sh"
    )
    assert found.split() == ["10001"]


@each
def test_labels_say_what_it_is(image: str) -> None:
    (told,) = json.loads(podman("image", "inspect", image))
    labels = told["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == image.partition(":")[0]
    assert labels["org.opencontainers.image.version"] == TAG
    assert told["Config"]["User"] == "10001:10001"
    assert told["Config"]["Entrypoint"] == ["hotshelf"]


@each
def test_the_command_and_its_libraries_are_there(image: str) -> None:
    libraries = "import lightgbm, sklearn, opentelemetry.sdk, hotshelf_server.runtimes; print('all there')"
    assert "all there" in run(image, ["-c", libraries], entrypoint="python3")
    assert run(image, ["serve", "--help"]).startswith("usage: hotshelf serve")


def test_a_server_answers_within_its_memory_tells_its_health_and_drains(store: Path) -> None:
    command = ["serve", "--store", "/store", "--port", "0", "--metrics-port", "0", "--require-model", "toy"]
    with running(f"{SERVER}:{TAG}", command, memory="512m", mounts=[(store, "/store:ro")]) as server:
        address = f"localhost:{server.port}"
        wait_until(lambda: "version toy/1 is ready" in server.log)
        assert "SERVING" in podman("exec", server.name, "hotshelf", "health", "--server", address)
        stopping = threading.Event()
        with grpc.insecure_channel(address) as channel, ThreadPoolExecutor() as pool:
            stub = GRPCInferenceServiceStub(channel)
            calling = pool.submit(call_until, stopping, stub)
            pool.submit(server.stop)
            wait_until(lambda: "draining" in server.log)
            stopping.set()  # within the drain's delay, in which calls are still taken
            assert calling.result() > 10
        wait_until(lambda: "stopped" in server.log)
        assert podman("inspect", "--format={{.State.ExitCode}}", server.name).strip() == "0"


def call_until(stopping: threading.Event, stub: GRPCInferenceServiceStub) -> int:
    """Calls, each of which must be answered alike; how many."""
    answers = [stub.ModelInfer(ask("toy", rows(np.ones((1, 3)))), timeout=10)]
    while not stopping.wait(0.002):
        answers.append(stub.ModelInfer(ask("toy", rows(np.ones((1, 3)))), timeout=10))
    assert len({answer.SerializeToString() for answer in answers}) == 1
    return len(answers)


def test_a_training_runs_on_a_read_only_root_and_its_version_is_served(tmp_path: Path, store: Path) -> None:
    data = shared(tmp_path / "data")
    (data / "recipe.yaml").write_text(RECIPE)
    command = ["train", "/data/recipe.yaml", "--store", "/store"]
    run(f"{TRAINER}:{TAG}", command, mounts=[(store, "/store"), (data, "/data:ro")])
    assert open_store(store).manifest("tumours", 1).runtime == "lightgbm"
    asked = ["serve", "--store", "/store", "--port", "0", "--metrics-port", "0", "--require-model", "tumours"]
    with (
        running(f"{SERVER}:{TAG}", asked, memory="1g", mounts=[(store, "/store:ro")]) as server,
        Client(f"localhost:{server.port}", timeout=60) as client,
    ):
        assert client.models()


def test_a_trainer_serves_with_its_files_on_volumes_alone(tmp_path: Path, store: Path) -> None:
    data, work = shared(tmp_path / "data"), shared(tmp_path / "work")
    command = ["trainer", "serve", "--store", "/store", "--data-root", "/data", "--work-dir", "/work"]
    mounts = [(store, "/store"), (data, "/data:ro"), (work, "/work")]
    ports = ["--port", "0", "--metrics-port", "0", "--limit-mib", "512"]
    with running(f"{TRAINER}:{TAG}", [*command, *ports], memory="1g", mounts=mounts) as trainer:
        asked = podman("exec", trainer.name, "hotshelf", "health", "--server", f"localhost:{trainer.port}")
        assert "SERVING" in asked
        assert trainer.stop() == 0, trainer.log
