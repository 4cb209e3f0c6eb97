"""The model repository extension: index, load, unload, and settings that a load brings along."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import Store, open_store
from tests.fakes.bundles import ROWS, publish_lightgbm
from tests.integration.conftest import serving, wait_until
from tests.integration.protocol.speaking import ask, rows, statistics

BATCHING = {
    "max_batch_size": 16,
    "dynamic_batching": {
        "preferred_batch_size": [8],
        "max_queue_delay_microseconds": 20_000,
        "priority_levels": 3,
        "default_priority_level": 2,
        "default_queue_policy": {"max_queue_size": 40},
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    for model in ("toy", "spare"):
        publish_lightgbm(store, folder / model, model)
    return folder


@pytest.fixture(scope="module")
def explicit(folder: Path) -> Iterator[GRPCInferenceServiceStub]:
    """A server on which operators alone say what is loaded."""
    settings = {"toy": {"queue": {"max_waiting": 77}, "concurrency": 3, "versions": "all"}}
    with (
        serving(store=folder / "store", model_control="explicit", model_settings=settings) as running,
        grpc.insecure_channel(running.address) as channel,
    ):
        yield GRPCInferenceServiceStub(channel)


def load(stub: GRPCInferenceServiceStub, model: str = "toy", config: object = None, **parameters: str) -> None:
    request = pb.RepositoryModelLoadRequest(model_name=model)
    if config is not None:
        request.parameters["config"].string_param = config if isinstance(config, str) else json.dumps(config)
    for name, text in parameters.items():
        request.parameters[name.replace("_", ":")].string_param = text
    stub.RepositoryModelLoad(request, timeout=60)


def unload(stub: GRPCInferenceServiceStub, model: str = "toy") -> None:
    stub.RepositoryModelUnload(pb.RepositoryModelUnloadRequest(model_name=model), timeout=60)


def index(stub: GRPCInferenceServiceStub, *, ready: bool = False) -> dict[str, tuple[str, str, str]]:
    models = stub.RepositoryIndex(pb.RepositoryIndexRequest(ready=ready)).models
    return {one.name: (one.version, one.state, one.reason) for one in models}


def test_a_model_is_served_from_its_load_to_its_unload(explicit: GRPCInferenceServiceStub) -> None:
    unload(explicit)
    wait_until(lambda: index(explicit)["toy"][1:] == ("UNAVAILABLE", "unloaded"))
    with pytest.raises(grpc.RpcError) as caught:
        explicit.ModelInfer(ask("toy", rows(ROWS)))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    for _ in range(2):
        load(explicit)
        assert index(explicit, ready=True)["toy"] == ("1", "READY", "")
        assert explicit.ModelInfer(ask("toy", rows(ROWS))).model_version == "1"
        unload(explicit)
        assert "toy" not in index(explicit, ready=True)


def test_a_configuration_brought_along_takes_hold_and_calls_are_joined(explicit: GRPCInferenceServiceStub) -> None:
    load(explicit, config=BATCHING)
    told = explicit.ModelConfig(pb.ModelConfigRequest(name="toy")).config
    assert (told.max_batch_size, told.dynamic_batching.priority_levels) == (16, 3)
    assert told.dynamic_batching.default_queue_policy.max_queue_size == 40
    assert told.dynamic_batching.preferred_batch_size == [8]
    before = statistics(explicit, "toy").execution_count
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: explicit.ModelInfer(ask("toy", rows(ROWS[:1]), priority=3)), range(32)))
    assert statistics(explicit, "toy").execution_count - before < 32
    with pytest.raises(grpc.RpcError, match="parameter 'priority' is 4, expected 1 to 3"):
        explicit.ModelInfer(ask("toy", rows(ROWS), priority=4))


def test_what_a_configuration_leaves_out_is_as_the_settings_say(explicit: GRPCInferenceServiceStub) -> None:
    load(explicit, config={"max_batch_size": 8, "dynamic_batching": {}})
    told = explicit.ModelConfig(pb.ModelConfigRequest(name="toy")).config
    assert told.dynamic_batching.default_queue_policy.max_queue_size == 77
    assert (told.instance_group[0].count, told.version_policy.HasField("all")) == (3, True)


def test_a_load_without_a_configuration_goes_back_to_the_settings(explicit: GRPCInferenceServiceStub) -> None:
    load(explicit, config=BATCHING)
    load(explicit)
    assert not explicit.ModelConfig(pb.ModelConfigRequest(name="toy")).config.HasField("dynamic_batching")


def test_the_configuration_that_the_server_tells_can_be_loaded_again(explicit: GRPCInferenceServiceStub) -> None:
    load(explicit, config=BATCHING)
    told = explicit.ModelConfig(pb.ModelConfigRequest(name="toy")).config
    load(explicit, config=json_format.MessageToJson(told))
    assert explicit.ModelConfig(pb.ModelConfigRequest(name="toy")).config == told


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{", "is no ModelConfig in JSON"),
        ({"max_bach_size": 4}, "max_bach_size"),
        ({"sequence_batching": {}}, "sets sequence_batching, which is not served"),
        ({"instance_group": [{"kind": "KIND_GPU"}]}, "instance_group.kind KIND_GPU"),
        ({"dynamic_batching": {"default_queue_policy": {"timeout_action": "DELAY"}}}, "timeout_action DELAY"),
        ({"dynamic_batching": {"priority_queue_policy": {"1": {}}}}, "priority_queue_policy"),
        ({"max_batch_size": 4, "dynamic_batching": {"preferred_batch_size": [5]}}, "preferred_rows 5, expected 1 to 4"),
        ({"dynamic_batching": {"priority_levels": 2, "default_priority_level": 3}}, "default_priority 3"),
    ],
)
def test_a_configuration_that_cannot_be_served_is_named_and_changes_nothing(
    explicit: GRPCInferenceServiceStub, config: object, words: str
) -> None:
    load(explicit)
    before = explicit.ModelConfig(pb.ModelConfigRequest(name="toy"))
    with pytest.raises(grpc.RpcError, match=words) as caught:
        load(explicit, config=config)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert explicit.ModelConfig(pb.ModelConfigRequest(name="toy")) == before


def test_files_brought_along_are_refused(explicit: GRPCInferenceServiceStub) -> None:
    with pytest.raises(grpc.RpcError, match="files come from the store; publish a version instead"):
        load(explicit, file_model="x")


def test_kserve_s_message_with_the_name_in_the_first_field_is_understood(explicit: GRPCInferenceServiceStub) -> None:
    explicit.RepositoryModelLoad(pb.RepositoryModelLoadRequest(repository_name="spare"), timeout=60)
    assert index(explicit)["spare"][1] == "READY"
    explicit.RepositoryModelUnload(pb.RepositoryModelUnloadRequest(repository_name="spare"), timeout=60)
    wait_until(lambda: index(explicit)["spare"][1] == "UNAVAILABLE")


def test_a_model_of_no_source_and_an_empty_name_are_refused(explicit: GRPCInferenceServiceStub) -> None:
    for model, code in (("nobody", grpc.StatusCode.NOT_FOUND), ("", grpc.StatusCode.INVALID_ARGUMENT)):
        for call in (load, unload):
            with pytest.raises(grpc.RpcError) as caught:
                call(explicit, model)
            assert caught.value.code() is code


def test_a_model_that_was_only_just_published_can_be_loaded(store: Store, tmp_path: Path) -> None:
    settings: dict[str, object] = {"store": tmp_path / "store", "model_control": "explicit", "poll_seconds": 3600}
    with serving(**settings) as running, grpc.insecure_channel(running.address) as channel:
        publish_lightgbm(store, tmp_path / "toy")
        stub = GRPCInferenceServiceStub(channel)
        load(stub)
        assert stub.ModelInfer(ask("toy", rows(ROWS))).model_version == "1"


def test_without_model_control_loads_and_unloads_are_refused(stub: GRPCInferenceServiceStub) -> None:
    for call in (load, unload):
        with pytest.raises(grpc.RpcError, match="--model-control") as caught:
            call(stub)
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert index(stub)["toy"] == ("1", "READY", "")


def test_a_model_that_cannot_be_loaded_says_why_and_the_index_too(store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "bad", spoiled_golden=True)
    settings: dict[str, object] = {"store": tmp_path / "store", "model_control": "both"}
    with serving(**settings) as running, grpc.insecure_channel(running.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        with pytest.raises(grpc.RpcError, match="version 1 is failed: golden case 0") as caught:
            load(stub)
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        _, state, why = index(stub)["toy"]
        assert state == "UNAVAILABLE"
        assert "golden case 0" in why
