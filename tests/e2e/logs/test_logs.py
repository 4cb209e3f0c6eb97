"""What a server that runs as a process writes to its log."""

import json
from pathlib import Path

import grpc
import numpy as np
import pytest

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import open_store
from tests.e2e.server_process import serving, wait_until
from tests.fakes.bundles import publish_lightgbm
from tests.integration.protocol.conftest import publish_python
from tests.integration.protocol.speaking import ask, rows

PRIVATE = "4111-1111-1111-1111"
SETTINGS = """
log_format: json
access_log: 1.0
allow_python: [tests.fakes.protocol_models]
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The log of a server from its start to its end: a call that was answered, one that the model failed, one of
    unknown name."""
    store = open_store(tmp_path)
    publish_lightgbm(store, tmp_path / "toy-bundle")
    publish_python(store, tmp_path / "quoting-bundle", "quoting", "Quoting")
    (tmp_path / "server.yaml").write_text(SETTINGS)
    arguments = ["--store", tmp_path, "--config", tmp_path / "server.yaml"]
    # Logged while the settings are read, before it is known that the log is to be JSON.
    monkeypatch.setenv("HOTSHELF_NO_SUCH_SETTING", "1")
    with serving(*arguments, "--require-model", "toy", "--require-model", "quoting") as server:
        wait_until(lambda: "version quoting/1 is ready" in server.log and "version toy/1 is ready" in server.log)
        with grpc.insecure_channel(server.address) as channel:
            stub = GRPCInferenceServiceStub(channel)
            metadata = (("authorization", PRIVATE), ("x-request-id", "r-7"))
            number = {"x": ("FP64", np.array([4111.25]))}
            asked = ask("toy", rows(np.full((1, 3), 4111.25)))
            stub.ModelInfer(asked, metadata=metadata, wait_for_ready=True, timeout=60)
            for request in (ask("quoting", number), ask("nobody", number)):
                with pytest.raises(grpc.RpcError):
                    stub.ModelInfer(request, metadata=metadata, timeout=60)
        wait_until(lambda: server.log.count('"message": "call"') == 3)
        server.terminate()
    return server.log


def test_every_line_is_an_object_that_says_when_who_and_how_bad_and_nothing_of_what_was_sent(log: str) -> None:
    lines = [json.loads(line) for line in log.splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert "HOTSHELF_NO_SUCH_SETTING is no setting" in lines[0]["message"]
    assert lines[-1]["message"] == "stopped"
    calls = [line for line in lines if line["message"] == "call"]
    assert [(line["method"], line.get("model"), line.get("version"), line["code"]) for line in calls] == [
        ("ModelInfer", "toy", 1, "OK"),
        ("ModelInfer", "quoting", 1, "INTERNAL"),
        ("ModelInfer", None, None, "NOT_FOUND"),
    ]
    assert all(line["request_id"] == "r-7" and line["duration_ms"] > 0 for line in calls)
    (fault,) = [line for line in lines if "exception" in line]
    assert "ModelFault" in fault["exception"]
    assert PRIVATE not in log
    assert "4111" not in log
