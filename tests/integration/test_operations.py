"""Health, reflection, the registry and the metrics of a real server."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client.parser import text_string_to_metric_families

from hotshelf.inference import open_inference_pb2 as inference
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf.reflection.v1 import reflection_pb2 as v1
from hotshelf.reflection.v1 import reflection_pb2_grpc as v1_grpc
from hotshelf.reflection.v1alpha import reflection_pb2 as v1alpha
from hotshelf.reflection.v1alpha import reflection_pb2_grpc as v1alpha_grpc
from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_store import Store
from hotshelf_store.bundle import write_manifest
from tests.fakes.bundles import lightgbm_bundle, publish_lightgbm, python_bundle
from tests.integration.conftest import Running, Serve, wait_until

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def running(serve: Serve, store: Store, tmp_path: Path) -> Running:
    publish_lightgbm(store, tmp_path / "toy")
    return serve()


@pytest.fixture
def shared(toy: Running) -> Iterator[grpc.Channel]:
    """A channel to the server that all tests share."""
    with grpc.insecure_channel(toy.address) as channel:
        yield channel


def test_health_is_told_for_the_server_and_for_each_model(shared: grpc.Channel) -> None:
    health = health_pb2_grpc.HealthStub(shared)
    for name in ("", "toy"):
        assert health.Check(health_pb2.HealthCheckRequest(service=name)).status == SERVING
    with pytest.raises(grpc.RpcError) as caught:
        health.Check(health_pb2.HealthCheckRequest(service="nobody"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_health_watchers_hear_of_changes_alone(store: Store, channel: grpc.Channel, tmp_path: Path) -> None:
    health = health_pb2_grpc.HealthStub(channel)
    watch = health.Watch(health_pb2.HealthCheckRequest(service="other"), timeout=60)
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    publish_lightgbm(store, tmp_path / "other", "other")
    assert next(watch).status == NOT_SERVING
    assert next(watch).status == SERVING


def test_many_watchers_hold_up_neither_probes_nor_calls(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    running = serve(threads=2, max_calls=8)
    with grpc.insecure_channel(running.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        watches = [health.Watch(health_pb2.HealthCheckRequest()) for _ in range(20)]
        assert all(next(watch).status == SERVING for watch in watches)
        assert health.Check(health_pb2.HealthCheckRequest(), timeout=10).status == SERVING
        assert RegistryServiceStub(channel).ListModels(pb.ListModelsRequest(), timeout=10).models
        for watch in watches:
            watch.cancel()


@pytest.mark.parametrize(
    ("messages", "stub"), [(v1, v1_grpc.ServerReflectionStub), (v1alpha, v1alpha_grpc.ServerReflectionStub)]
)
def test_reflection_describes_every_service_that_it_lists(shared: grpc.Channel, messages: object, stub: object) -> None:
    request = messages.ServerReflectionRequest  # type: ignore[attr-defined]  # two modules of the same shape
    reflect = stub(shared).ServerReflectionInfo  # type: ignore[operator]  # as above
    (listed,) = reflect(iter([request(list_services="")]))
    names = {service.name for service in listed.list_services_response.service}
    assert names >= {
        "inference.GRPCInferenceService",
        "hotshelf.registry.v1.RegistryService",
        "hotshelf.recommend.v1.RecommendationService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }
    symbols = [*names, "inference.GRPCInferenceService.ModelInfer", "google.rpc.ErrorInfo"]
    for answer in reflect(request(file_containing_symbol=name) for name in symbols):
        assert answer.file_descriptor_response.file_descriptor_proto, answer
    (unknown,) = reflect(iter([request(file_containing_symbol="no.such.Thing")]))
    assert unknown.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def test_overload_refuses_calls_with_a_word_on_when_to_come_again_but_no_probes(
    serve: Serve, store: Store, tmp_path: Path
) -> None:
    store.publish("slow", tmp_path / "slow", python_bundle(tmp_path / "slow", "Slow"))
    running = serve(threads=1, max_calls=2, allow_python=["tests.fakes"])
    tensor = inference.ModelInferRequest.InferInputTensor(name="x", datatype="FP64", shape=[1])
    request = inference.ModelInferRequest(model_name="slow", inputs=[tensor], raw_input_contents=[bytes(8)])
    with grpc.insecure_channel(running.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        calls = [stub.ModelInfer.future(request) for _ in range(12)]
        assert health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest()).status == SERVING
        assert stub.ServerReady(inference.ServerReadyRequest()).ready
        codes = [call.code() for call in calls]
        assert codes.count(grpc.StatusCode.OK) >= 2
        refused = [call for call in calls if call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED]
        assert len(refused) + codes.count(grpc.StatusCode.OK) == 12
        assert refused
        trailing: Any = refused[0].trailing_metadata()
        status = Status.FromString(dict(trailing)["grpc-status-details-bin"])
        assert status.details[1].Unpack(RetryInfo())


def test_the_registry_tells_versions_states_and_aliases(
    store: Store, registry: RegistryServiceStub, tmp_path: Path
) -> None:
    folder = tmp_path / "bad"
    store.publish("toy", folder, lightgbm_bundle(folder, spoiled_golden=True))
    wait_until(lambda: registry.GetVersion(pb.GetVersionRequest(model="toy", version=2)).version.status.failures)
    versions = registry.ListVersions(pb.ListVersionsRequest(model="toy")).versions
    assert [(one.manifest.version, list(one.aliases)) for one in versions] == [(2, ["candidate"]), (1, ["champion"])]
    assert versions[0].status.state == pb.VERSION_STATE_FAILED
    assert "golden case 0: output 'prediction'" in versions[0].status.reason
    assert versions[1].status.state == pb.VERSION_STATE_READY
    (model,) = registry.ListModels(pb.ListModelsRequest()).models
    assert (model.name, len(model.versions), model.aliases.revision) == ("toy", 2, 2)


def test_lists_come_in_pages(store: Store, registry: RegistryServiceStub, tmp_path: Path) -> None:
    for _ in range(3):
        publish_lightgbm(store, tmp_path / "toy")
    first = registry.ListVersions(pb.ListVersionsRequest(model="toy", page_size=3))
    rest = registry.ListVersions(pb.ListVersionsRequest(model="toy", page_size=3, page_token=first.next_page_token))
    assert [one.manifest.version for one in (*first.versions, *rest.versions)] == [4, 3, 2, 1]
    assert rest.next_page_token == ""
    with pytest.raises(grpc.RpcError, match="page_size -1: expected 1 to 1000"):
        registry.ListVersions(pb.ListVersionsRequest(model="toy", page_size=-1))


def test_promoting_and_rolling_back_move_the_champion(
    store: Store, registry: RegistryServiceStub, tmp_path: Path
) -> None:
    folder = tmp_path / "second"
    store.publish("toy", folder, lightgbm_bundle(folder, trees=5))
    with pytest.raises(grpc.RpcError) as caught:
        registry.Promote(pb.PromoteRequest(model="toy", version=2))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "never judged by a gate" in str(caught.value.details())
    moved = registry.Promote(pb.PromoteRequest(model="toy", version=2, force=True, reason="try", author="me")).aliases
    assert (dict(moved.routes["champion"].weights), moved.forced) == ({2: 100}, True)
    back = registry.Rollback(pb.RollbackRequest(model="toy", reason="worse")).aliases
    assert dict(back.routes["champion"].weights) == {1: 100}
    history = registry.ListAliasHistory(pb.ListAliasHistoryRequest(model="toy")).revisions
    assert [entry.reason for entry in history][:2] == ["worse", "try"]


def test_a_registry_that_is_read_only_refuses_to_promote(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    running = serve(registry_writes=False)
    with (
        grpc.insecure_channel(running.address) as channel,
        pytest.raises(grpc.RpcError, match="registry is read only"),
    ):
        RegistryServiceStub(channel).Promote(pb.PromoteRequest(model="toy", version=1))


def test_a_model_from_a_folder_is_listed_but_has_no_versions_to_list(serve: Serve, tmp_path: Path) -> None:
    write_manifest(tmp_path / "alone", lightgbm_bundle(tmp_path / "alone"))
    running = serve(store=None, models={"alone": tmp_path / "alone"})
    with grpc.insecure_channel(running.address) as channel:
        registry = RegistryServiceStub(channel)
        assert [model.name for model in registry.ListModels(pb.ListModelsRequest()).models] == ["alone"]
        with pytest.raises(grpc.RpcError, match="served from a folder"):
            registry.ListVersions(pb.ListVersionsRequest(model="alone"))


def test_metrics_tell_calls_states_and_routes(
    running: Running, store: Store, channel: grpc.Channel, tmp_path: Path
) -> None:
    folder = tmp_path / "bad"
    store.publish("toy", folder, lightgbm_bundle(folder, spoiled_golden=True))
    registry = RegistryServiceStub(channel)
    wait_until(lambda: registry.GetVersion(pb.GetVersionRequest(model="toy", version=2)).version.status.failures)
    with pytest.raises(grpc.RpcError):
        registry.GetVersion(pb.GetVersionRequest(model="no such model", version=1))
    with urllib.request.urlopen(running.metrics_url) as answer:
        families = {family.name: family for family in text_string_to_metric_families(answer.read().decode())}
    states = {
        sample.labels["version"]: sample.labels["state"]
        for sample in families["hotshelf_version_state"].samples
        if sample.value
    }
    assert states == {"1": "ready", "2": "failed"}
    routes = {
        (sample.labels["alias"], sample.labels["version"]) for sample in families["hotshelf_route_weight"].samples
    }
    assert ("champion", "1") in routes
    calls = [sample.labels for sample in families["hotshelf_calls"].samples]
    assert {"method": "GetVersion", "model": "", "version": "", "code": "NOT_FOUND"} in calls
    assert families["hotshelf_ready"].samples[0].value == 1
