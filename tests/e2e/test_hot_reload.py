"""New versions come in under traffic, bad ones never do, and a stop loses no call."""

import socket
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hotshelf_client import Client
from hotshelf_store import Manifest, Store, open_store
from tests.e2e.server_process import COMMAND, Traffic, ask_toy, serving, wait_until
from tests.fakes.bundles import ROWS, lightgbm_bundle, prediction, publish_lightgbm, python_bundle


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return open_store(tmp_path / "store")


def state_of(client: Client, version: int) -> tuple[str, str]:
    """A version's state and reason, as the registry tells them."""
    found = {one.version: one for one in client.versions("toy")}
    return found[version].status.state, found[version].status.reason


def has_failed(client: Client, version: int) -> bool:
    """Whether the server gave a version up."""
    return state_of(client, version)[0] == "failed"


def test_versions_are_swapped_under_traffic_without_a_failed_or_wrong_answer(store: Store, tmp_path: Path) -> None:
    swaps = 6
    expected = {str(version): prediction(version + 1) for version in range(1, swaps + 1)}
    publish_lightgbm(store, tmp_path / "v1", trees=2)
    with serving("--store", tmp_path / "store") as server:
        with Client(server.address) as client:
            wait_until(lambda: client.ready() and client.ready("toy"))
        with Traffic(server.address, ask_toy(ROWS, expected)) as traffic:
            for version in range(2, swaps + 1):
                publish_lightgbm(store, tmp_path / f"v{version}", trees=version + 1)
                traffic.wait_for(str(version))
        assert traffic.failures == []
        assert set(traffic.answers) == set(expected)


def test_bad_versions_never_take_traffic_and_say_why(store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "good")

    def publish(manifest: Manifest, folder: Path) -> int:
        version = store.publish("toy", folder, manifest)
        store.promote("toy", version, reason="test", force=True)
        return version

    bad: dict[int, str] = {}
    folder = tmp_path / "spoiled"
    bad[publish(lightgbm_bundle(folder, spoiled_golden=True), folder)] = "golden case 0: output 'prediction'"
    folder = tmp_path / "corrupt"
    version = publish(lightgbm_bundle(folder, trees=9), folder)
    (store.files("toy", version) / "model.txt").write_text("flipped")
    bad[version] = "model.txt: expected sha256"
    folder = tmp_path / "signature"
    manifest = lightgbm_bundle(folder)
    manifest.signature.inputs[0].shape[1] = 4
    bad[publish(manifest, folder)] = "signature says inputs"
    for name, words in (("DiesInLoad", "died while it loaded"), ("HangsInLoad", "took longer than 5 s")):
        folder = tmp_path / name
        bad[publish(python_bundle(folder, name, golden=False), folder)] = words

    config = tmp_path / "server.yaml"
    config.write_text("trial_seconds: 5\n")
    arguments = ("--store", tmp_path / "store", "--allow-python", "tests.fakes", "--config", config)
    with serving(*arguments) as server, Client(server.address) as client:
        store.set_alias("toy", "champion", {1: 100}, reason="begin with the good one", force=True)
        wait_until(lambda: client.ready() and client.ready("toy"))
        with Traffic(server.address, ask_toy(ROWS, {"1": prediction(3)}), threads=2) as traffic:
            for version, words in bad.items():
                store.promote("toy", version, reason="test", force=True)
                wait_until(partial(has_failed, client, version))
                assert words in state_of(client, version)[1]
                assert f"version toy/{version} can't be served" in server.log
                assert client.ready()
        assert traffic.failures == []
        assert set(traffic.answers) == {"1"}


def test_a_new_version_is_noticed_within_a_second(store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "v1")
    with serving("--store", tmp_path / "store") as server, Client(server.address) as client:
        wait_until(lambda: client.ready() and client.ready("toy"))
        began = time.monotonic()
        publish_lightgbm(store, tmp_path / "v2", trees=4)
        wait_until(lambda: state_of(client, 2)[0] in ("loading", "ready"))
        assert time.monotonic() - began < 5, "half a second between looks, and room for a busy machine"


def test_a_stop_fails_no_call_of_a_client_that_knows_another_server(store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "v1")
    with serving("--store", tmp_path / "store") as leaving, serving("--store", tmp_path / "store") as staying:
        for server in (leaving, staying):
            with Client(server.address) as client:
                wait_until(partial(client.ready, "toy"))
        both = f"ipv4:127.0.0.1:{leaving.port},127.0.0.1:{staying.port}"
        with Traffic(both, ask_toy(ROWS, {"1": prediction(3)})) as traffic:
            wait_until(lambda: traffic.answers["1"] > 200)
            assert leaving.terminate() == 0
            answered = traffic.answers["1"]
            wait_until(lambda: traffic.answers["1"] > answered + 200)
        assert traffic.failures == []
        assert "stopped" in leaving.log


def test_a_stop_answers_what_a_stock_client_has_sent(store: Store, tmp_path: Path) -> None:
    import tritonclient.grpc as triton
    from tritonclient.utils import InferenceServerException

    manifest = python_bundle(tmp_path / "slow", "Slow")
    store.publish("slow", tmp_path / "slow", manifest)
    with (
        serving("--store", tmp_path / "store", "--allow-python", "tests.fakes") as server,
        triton.InferenceServerClient(server.address) as client,
    ):
        wait_until(lambda: _ready(client, "slow"))
        answers: list[object] = []
        tensor = triton.InferInput("x", [1], "FP64")
        tensor.set_data_from_numpy(np.array([1.0]))
        for _ in range(4):
            client.async_infer("slow", [tensor], lambda result, error: answers.append(error or result))
        time.sleep(0.2)
        assert server.terminate() == 0
        wait_until(lambda: len(answers) == 4)
        assert not [answer for answer in answers if isinstance(answer, InferenceServerException)]


def _ready(client: Any, model: str) -> bool:
    from tritonclient.utils import InferenceServerException

    try:
        return bool(client.is_model_ready(model))
    except InferenceServerException:
        return False


def test_a_store_that_does_not_exist_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "serve", "--store", tmp_path / "typo"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"store {tmp_path / 'typo'} does not exist" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("taken", ["--port", "--metrics-port"])
def test_a_port_in_use_is_an_error_and_not_shared(tmp_path: Path, taken: str) -> None:
    (tmp_path / "store").mkdir()
    with socket.socket(socket.AF_INET6) as holder:
        holder.bind(("::", 0))
        holder.listen()
        ports = {"--port": "0", "--metrics-port": "0", taken: str(holder.getsockname()[1])}
        flags = [part for flag, port in ports.items() for part in (flag, port)]
        done = subprocess.run(
            [*COMMAND, "serve", "--store", tmp_path / "store", *flags], capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert "another" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_servers_never_share_a_port(store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "v1")
    with serving("--store", tmp_path / "store") as server:
        done = subprocess.run(
            [*COMMAND, "serve", "--store", tmp_path / "store", "--metrics-port", "0", "--port", str(server.port)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert f"{server.port}: the port is taken" in done.stderr


def test_rows_are_answered_alike_by_both_clients_in_one_process(store: Store, tmp_path: Path) -> None:
    import tritonclient.grpc as triton

    publish_lightgbm(store, tmp_path / "v1")
    with serving("--store", tmp_path / "store") as server, Client(server.address) as ours:
        wait_until(lambda: ours.ready("toy"))
        tensor = triton.InferInput("input", list(ROWS.shape), "FP64")
        tensor.set_data_from_numpy(ROWS)
        with triton.InferenceServerClient(server.address) as theirs:
            found = theirs.infer("toy", [tensor]).as_numpy("prediction")
        np.testing.assert_array_equal(ours.predict("toy", {"input": ROWS}).outputs["prediction"], found)
