"""What an operator says to one worker holds on all of them, and each of them tells of all."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf.registry.v1 import registry_pb2 as registry
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_store import Store
from tests.e2e.server_process import ServerProcess, wait_until
from tests.e2e.workers.crew import CALL, connect, kill, metric, reaching_all
from tests.fakes.bundles import publish_lightgbm


@pytest.fixture
def stubs(server: ServerProcess) -> Iterator[list[GRPCInferenceServiceStub]]:
    wait_until(lambda: metric(server, "hotshelf_workers") == 2)
    with reaching_all(server, 2) as stubs:
        yield stubs


def codes(stubs: list[GRPCInferenceServiceStub], request: pb.ModelInferRequest = CALL) -> set[grpc.StatusCode]:
    """How a call ends, over all connections."""
    found = set()
    for stub in stubs:
        try:
            stub.ModelInfer(request, timeout=20)
            found.add(grpc.StatusCode.OK)
        except grpc.RpcError as error:
            found.add(error.code())
    return found


def ready(stubs: list[GRPCInferenceServiceStub]) -> set[bool]:
    return {stub.ModelReady(pb.ModelReadyRequest(name="toy"), timeout=20).ready for stub in stubs}


def indexed(stubs: list[GRPCInferenceServiceStub]) -> set[str]:
    """The states of all versions, as any connection tells them."""
    answers = [stub.RepositoryIndex(pb.RepositoryIndexRequest(), timeout=20) for stub in stubs]
    return {model.state for answer in answers for model in answer.models}


def test_load_and_unload_hold_on_every_connection_when_they_return(stubs: list[GRPCInferenceServiceStub]) -> None:
    for stub in stubs[:2]:
        stub.RepositoryModelUnload(pb.RepositoryModelUnloadRequest(model_name="toy"), timeout=60)
        assert codes(stubs) == {grpc.StatusCode.NOT_FOUND}
        stub.RepositoryModelLoad(pb.RepositoryModelLoadRequest(model_name="toy"), timeout=60)
        assert codes(stubs) == {grpc.StatusCode.OK}
        assert ready(stubs) == {True}
        assert indexed(stubs) == {"READY"}


def test_health_and_watchers_on_every_connection_hear_of_a_load(server: ServerProcess) -> None:
    def health(channel: grpc.Channel) -> object:
        try:
            check = health_pb2_grpc.HealthStub(channel).Check
            return check(health_pb2.HealthCheckRequest(service="toy"), timeout=20).status
        except grpc.RpcError as error:
            return error.code()

    with ExitStack() as stack:
        channels = [stack.enter_context(connect(server)) for _ in range(12)]
        stub = GRPCInferenceServiceStub(channels[0])
        watches = [
            RegistryServiceStub(one).WatchModels(registry.WatchModelsRequest(models=["toy"]), timeout=60)
            for one in channels[1:4]
        ]
        for watch in watches:
            assert next(watch).model.routes
        stub.RepositoryModelUnload(pb.RepositoryModelUnloadRequest(model_name="toy"), timeout=60)
        # While a version comes to its end somewhere the model is still known, though it answers nobody.
        gone = {grpc.StatusCode.NOT_FOUND, health_pb2.HealthCheckResponse.NOT_SERVING}
        assert {health(one) for one in channels} <= gone
        wait_until(lambda: {health(one) for one in channels} == {grpc.StatusCode.NOT_FOUND})
        stub.RepositoryModelLoad(pb.RepositoryModelLoadRequest(model_name="toy"), timeout=60)
        assert {health(one) for one in channels} == {health_pb2.HealthCheckResponse.SERVING}
        for watch in watches:
            assert any(not message.model.routes for message in watch), "it was seen without routes in between"


def test_settings_that_come_with_a_load_hold_on_every_connection(stubs: list[GRPCInferenceServiceStub]) -> None:
    def rows_of(stub: GRPCInferenceServiceStub) -> int:
        return stub.ModelConfig(pb.ModelConfigRequest(name="toy"), timeout=20).config.max_batch_size

    request = pb.RepositoryModelLoadRequest(model_name="toy")
    request.parameters["config"].string_param = '{"max_batch_size": 24, "dynamic_batching": {}}'
    stubs[0].RepositoryModelLoad(request, timeout=60)
    assert {rows_of(stub) for stub in stubs} == {24}
    stubs[-1].RepositoryModelLoad(pb.RepositoryModelLoadRequest(model_name="toy"), timeout=60)
    assert {rows_of(stub) for stub in stubs} == {0}


def test_load_that_nobody_can_do_says_what_one_process_would(stubs: list[GRPCInferenceServiceStub]) -> None:
    with pytest.raises(grpc.RpcError, match="model 'absent' is in no source of this server"):
        stubs[0].RepositoryModelLoad(pb.RepositoryModelLoadRequest(model_name="absent"), timeout=60)


def test_settings_of_traces_and_logs_hold_on_every_connection(stubs: list[GRPCInferenceServiceStub]) -> None:
    def trace(stub: GRPCInferenceServiceStub, **settings: str) -> str:
        values = {name: pb.TraceSettingRequest.SettingValue(value=[value]) for name, value in settings.items()}
        answer = stub.TraceSetting(pb.TraceSettingRequest(settings=values), timeout=20)
        return str(answer.settings["trace_rate"].value[0])

    def log_warning(stub: GRPCInferenceServiceStub, **settings: bool) -> bool:
        values = {name: pb.LogSettingsRequest.SettingValue(bool_param=value) for name, value in settings.items()}
        return stub.LogSettings(pb.LogSettingsRequest(settings=values), timeout=20).settings["log_warning"].bool_param

    trace(stubs[0], trace_rate="7")
    assert {trace(stub) for stub in stubs} == {"7"}
    trace(stubs[-1], trace_rate="1000")
    log_warning(stubs[0], log_warning=False)
    assert {log_warning(stub) for stub in stubs} == {False}
    log_warning(stubs[-1], log_warning=True)


def test_statistics_count_the_calls_of_all_workers(
    stubs: list[GRPCInferenceServiceStub], server: ServerProcess
) -> None:
    def counted(stub: GRPCInferenceServiceStub) -> int:
        found = stub.ModelStatistics(pb.ModelStatisticsRequest(name="toy"), timeout=20).model_stats
        return sum(one.inference_count for one in found)

    def traffic(stub: RegistryServiceStub) -> int:
        found = stub.GetTraffic(registry.GetTrafficRequest(model="toy"), timeout=20)
        return sum(one.ok for one in found.versions)

    with connect(server) as channel:
        before = counted(stubs[0]), traffic(RegistryServiceStub(channel))
        for stub in stubs:
            stub.ModelInfer(CALL, timeout=20)
        assert {counted(stub) for stub in stubs} == {before[0] + len(stubs)}
        assert traffic(RegistryServiceStub(channel)) == before[1] + len(stubs)


def test_promotion_is_heard_by_every_worker_when_it_returns(
    stubs: list[GRPCInferenceServiceStub], server: ServerProcess, store: Store, tmp_path: Path
) -> None:
    def revisions() -> tuple[float, float]:
        told = metric(server, "hotshelf_alias_revision", model="toy")  # the lowest of all workers
        return told, store.aliases("toy").revision

    version = publish_lightgbm(store, tmp_path / "second", trees=4)
    with connect(server) as channel:
        stub = RegistryServiceStub(channel)
        for promoted in (1, version, 1):
            stub.Promote(
                registry.PromoteRequest(model="toy", version=promoted, reason="test", force=True, author="t"),
                timeout=20,
            )
            assert len(set(revisions())) == 1
        answer = stub.ListModels(registry.ListModelsRequest(), timeout=20)
    assert [model.name for model in answer.models] == ["toy"]
    assert answer.replica_id


def test_worker_that_comes_later_knows_what_was_said_before(
    stubs: list[GRPCInferenceServiceStub], server: ServerProcess
) -> None:
    stubs[0].RepositoryModelUnload(pb.RepositoryModelUnloadRequest(model_name="toy"), timeout=60)
    restarts = metric(server, "hotshelf_worker_restarts_total")
    kill(server)
    wait_until(lambda: metric(server, "hotshelf_worker_restarts_total") == restarts + 1)
    wait_until(lambda: metric(server, "hotshelf_workers") == 2)
    with reaching_all(server, 2) as fresh:
        assert codes(fresh) == {grpc.StatusCode.NOT_FOUND}
        fresh[0].RepositoryModelLoad(pb.RepositoryModelLoadRequest(model_name="toy"), timeout=60)
        assert codes(fresh) == {grpc.StatusCode.OK}
