"""Settings of a running server change by its file, by a signal, and by calls; bad ones change nothing."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import yaml

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import Store, open_store
from tests.e2e.server_process import COMMAND, ServerProcess, serving, wait_until
from tests.fakes.bundles import publish_lightgbm


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    store = open_store(tmp_path / "store")
    publish_lightgbm(store, tmp_path / "toy")
    return store


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "server.yaml"
    say(file, 8)
    return file


@pytest.fixture
def server(store: Store, config: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    with serving("--store", tmp_path / "store", "--config", config, "--model-control", "both") as server:
        yield server


@pytest.fixture
def stub(server: ServerProcess) -> Iterator[GRPCInferenceServiceStub]:
    with grpc.insecure_channel(server.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        wait_until(lambda: rows_of(stub) == 8)
        yield stub


def say(file: Path, rows: int) -> None:
    """Write settings under which so many rows are joined; the file is replaced, as editors and volumes do it."""
    draft = file.with_suffix(".new")
    draft.write_text(yaml.safe_dump({"model_settings": {"toy": {"batching": {"max_rows": rows}}}}))
    draft.replace(file)


def rows_of(stub: GRPCInferenceServiceStub) -> int:
    """The rows that the server joins now; 0 while the model is not there."""
    try:
        return stub.ModelConfig(pb.ModelConfigRequest(name="toy"), timeout=10).config.max_batch_size
    except grpc.RpcError:
        return 0


def test_settings_of_models_are_read_anew_and_bad_ones_change_nothing(
    server: ServerProcess, stub: GRPCInferenceServiceStub, config: Path
) -> None:
    say(config, 16)
    wait_until(lambda: rows_of(stub) == 16)
    say(config, 1)
    wait_until(lambda: "settings were not taken over: setting model_settings.toy.batching.max_rows" in server.log)
    config.write_text("model_settings: [")
    wait_until(lambda: "is no YAML" in server.log)
    assert rows_of(stub) == 16
    said = server.log.count("the settings of models were read anew")
    say(config, 32)
    server.hang_up()
    wait_until(lambda: rows_of(stub) == 32)
    said_again = "the settings of models were read anew"
    wait_until(lambda: server.log.count(said_again) > said)
    config.write_text("threads: 3\nmodel_settings: {toy: {batching: {max_rows: 64}}}\n")
    wait_until(lambda: "hold from the next start on: threads" in server.log)
    wait_until(lambda: rows_of(stub) == 64)


def test_log_levels_that_a_call_sets_take_hold(server: ServerProcess, stub: GRPCInferenceServiceStub) -> None:
    def reload() -> None:
        stub.RepositoryModelUnload(pb.RepositoryModelUnloadRequest(model_name="toy"), timeout=60)
        stub.RepositoryModelLoad(pb.RepositoryModelLoadRequest(model_name="toy"), timeout=60)

    def switch(**values: bool) -> None:
        settings = {name: pb.LogSettingsRequest.SettingValue(bool_param=value) for name, value in values.items()}
        stub.LogSettings(pb.LogSettingsRequest(settings=settings), timeout=10)

    ready = "version toy/1 is ready"
    wait_until(lambda: server.log.count(ready) == 1)
    switch(log_info=False)
    reload()
    switch(log_info=True)
    reload()
    wait_until(lambda: server.log.count(ready) == 2)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("log_file", {"string_param": "x"}, "the log goes to standard error"),
        ("log_info", {"uint32_param": 1}, "expected bool_param"),
        ("log_colour", {"bool_param": True}, "'log_colour' is unknown"),
    ],
)
def test_a_log_setting_that_is_not_served_is_refused(
    stub: GRPCInferenceServiceStub, setting: str, value: dict[str, object], words: str
) -> None:
    settings = {setting: pb.LogSettingsRequest.SettingValue(**value)}  # type: ignore[arg-type]  # fields by name
    with pytest.raises(grpc.RpcError, match=words):
        stub.LogSettings(pb.LogSettingsRequest(settings=settings), timeout=10)


def test_printed_settings_are_settings_that_say_the_same(store: Store, config: Path, tmp_path: Path) -> None:
    def printed(file: Path) -> str:
        command = [*COMMAND, "serve", "--store", str(tmp_path / "store"), "--config", str(file), "--print-config"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    config.write_text(
        "model_settings:\n"
        "  '*': {versions: {latest: 2}, queue: {max_waiting: 9}}\n"
        "  toy: {batching: {max_rows: 8, preferred_rows: [4]}, versions: {specific: [1, 3]}}\n"
        "required_models: [toy]\nhost: '[::1]'\nmax_loaded: 3\n"
    )
    once = printed(config)
    again = tmp_path / "again.yaml"
    again.write_text(once)
    assert printed(again) == once
    assert yaml.safe_load(once)["model_settings"]["toy"]["queue"]["max_waiting"] == 9
