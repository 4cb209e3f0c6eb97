"""Stock clients, each in a process of its own that knows nothing of Hotshelf, call a real server."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hotshelf_client import Client
from hotshelf_store import open_store
from tests.e2e.server_process import WAIT, ServerProcess, serving, wait_until
from tests.fakes.bundles import ROWS, prediction, publish_lightgbm, python_bundle

HERE = Path(__file__).parent
KSERVE = HERE.parents[2] / ".venv" / "kserve" / "bin" / "python"


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("figures") / "figures.npz"
    np.savez(file, rows=ROWS, answers=prediction(3))
    return file


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("clients")
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    for model in ("toy", "spare"):
        publish_lightgbm(store, folder / model, model)
    store.publish("gated", folder / "gated", python_bundle(folder / "gated"))
    arguments = ("--store", folder / "store", "--allow-python", "tests.fakes", "--model-control", "both")
    with serving(*arguments) as running:
        with Client(running.address) as client:
            wait_until(lambda: all(client.ready(model) for model in ("toy", "spare", "gated")))
        yield running


def run(python: Path | str, script: str, server: ServerProcess, figures: Path) -> None:
    command = [python, "-I", HERE / script, server.address, figures]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=WAIT)
    assert (ended.returncode, ended.stdout.strip()) == (0, "well"), ended.stderr


def test_tritonclient_s_blocking_client_is_served(server: ServerProcess, figures: Path) -> None:
    run(sys.executable, "triton_sync.py", server, figures)
    wait_until(lambda: '"id": "traced by a stock client"' in server.log)


def test_tritonclient_s_asyncio_client_is_served(server: ServerProcess, figures: Path) -> None:
    run(sys.executable, "triton_aio.py", server, figures)


def test_tritonclient_s_streams_are_served(server: ServerProcess, figures: Path) -> None:
    run(sys.executable, "triton_stream.py", server, figures)


@pytest.mark.skipif(not KSERVE.exists(), reason="`make kserve` makes the environment of KServe's client")
def test_kserve_s_client_is_served(server: ServerProcess, figures: Path) -> None:
    run(KSERVE, "kserve_client.py", server, figures)
