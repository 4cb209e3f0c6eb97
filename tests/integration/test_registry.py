"""Aliases are set by compare-and-set; watchers hear of changes; each replica tells its traffic."""

from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import Any

import grpc
import numpy as np
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2, health_pb2_grpc

from hotshelf.inference import open_inference_pb2 as inference
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_store import Store
from tests.fakes.bundles import publish_lightgbm, python_bundle
from tests.integration.conftest import Running, Serve, serving, wait_until

SERVING = health_pb2.HealthCheckResponse.SERVING
HEALTH = health_pb2.HealthCheckRequest()


@pytest.fixture
def running(serve: Serve, store: Store, tmp_path: Path) -> Running:
    publish_lightgbm(store, tmp_path / "toy")
    return serve(max_streams=2)


def details(error: grpc.RpcError) -> Status:
    trailing: Any = error.trailing_metadata()
    return Status.FromString(dict(trailing)["grpc-status-details-bin"])


def test_an_alias_is_set_where_the_log_is_as_expected_and_removed_by_empty_weights(
    store: Store, registry: RegistryServiceStub
) -> None:
    at = store.aliases("toy").revision
    request = pb.SetAliasRequest(
        model="toy", alias="shadow", weights={1: 1, 9: 3}, expected_revision=at, author="me", reason="9 is to come"
    )
    added = registry.SetAlias(request).aliases
    assert (added.revision, dict(added.routes["shadow"].weights), added.author) == (at + 1, {1: 1, 9: 3}, "me")
    with pytest.raises(grpc.RpcError) as caught:
        registry.SetAlias(request)
    assert caught.value.code() is grpc.StatusCode.ABORTED
    assert f"at revision {at + 1}, not {at}" in str(caught.value.details())
    removed = registry.SetAlias(pb.SetAliasRequest(model="toy", alias="shadow", any_revision=True)).aliases
    assert "shadow" not in removed.routes


@pytest.mark.parametrize(
    ("request_", "code", "words"),
    [
        ({"alias": "a", "weights": {1: 1}}, grpc.StatusCode.INVALID_ARGUMENT, "give expected_revision"),
        ({"alias": "a/b", "weights": {1: 1}, "any_revision": True}, grpc.StatusCode.INVALID_ARGUMENT, "alias name"),
        ({"alias": "a", "weights": {1: 0}, "any_revision": True}, grpc.StatusCode.INVALID_ARGUMENT, "positive share"),
        ({"alias": "a", "weights": {0: 1}, "any_revision": True}, grpc.StatusCode.INVALID_ARGUMENT, "versions from 1"),
        ({"alias": "champion", "any_revision": True}, grpc.StatusCode.INVALID_ARGUMENT, "can't be removed"),
        ({"alias": "champion", "weights": {9: 1}, "any_revision": True}, grpc.StatusCode.NOT_FOUND, "version"),
        ({"model": "x", "alias": "a", "weights": {1: 1}, "any_revision": True}, grpc.StatusCode.NOT_FOUND, "model"),
    ],
)
def test_an_alias_that_cannot_be_is_refused_with_the_reason(
    registry: RegistryServiceStub, request_: dict[str, object], code: grpc.StatusCode, words: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        registry.SetAlias(pb.SetAliasRequest(**{"model": "toy", **request_}))  # type: ignore[arg-type]  # kinds differ
    assert caught.value.code() is code
    assert words in str(caught.value.details())


def test_a_canary_needs_what_a_promotion_needs(store: Store, registry: RegistryServiceStub, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "second", trees=5)
    store.rollback("toy")
    request = pb.SetAliasRequest(model="toy", alias="champion", weights={1: 95, 2: 5}, any_revision=True)
    with pytest.raises(grpc.RpcError, match="never judged by a gate"):
        registry.SetAlias(request)
    request.force, request.reason = True, "a look"
    assert registry.SetAlias(request).aliases.forced


def test_a_read_only_registry_sets_no_alias(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    running = serve(registry_writes=False)
    request = pb.SetAliasRequest(model="toy", alias="a", weights={1: 1}, any_revision=True)
    with grpc.insecure_channel(running.address) as channel, pytest.raises(grpc.RpcError, match="read only"):
        RegistryServiceStub(channel).SetAlias(request)


def test_a_watcher_sees_an_alias_wait_for_its_version_and_then_move(
    store: Store, registry: RegistryServiceStub, tmp_path: Path
) -> None:
    watch = registry.WatchModels(pb.WatchModelsRequest(models=["toy"]), timeout=60)
    first = next(watch)
    assert (first.model.name, dict(first.model.routes["champion"].weights)) == ("toy", {1: 100})
    assert first.replica_id == registry.ListModels(pb.ListModelsRequest()).replica_id
    store.set_alias("toy", "next", {2: 1})
    pending = next(one for one in watch if len(one.model.versions) == 2).model
    assert pending.versions[1].state in (pb.VERSION_STATE_PENDING, pb.VERSION_STATE_LOADING)
    assert "next" not in pending.routes
    publish_lightgbm(store, tmp_path / "second", trees=5)
    moved = next(one for one in watch if dict(one.model.routes["champion"].weights) == {2: 100}).model
    assert [one.state for one in moved.versions][1:] == [pb.VERSION_STATE_READY]
    watch.cancel()


def test_a_listed_model_names_the_versions_that_this_replica_has_yet_to_hear_of(
    serve: Serve, store: Store, tmp_path: Path
) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    running = serve(poll_seconds=3600)
    store.set_alias("toy", "next", {2: 1})
    with grpc.insecure_channel(running.address) as channel:
        (model,) = RegistryServiceStub(channel).ListModels(pb.ListModelsRequest()).models
    assert [(one.version, one.state) for one in model.versions] == [
        (1, pb.VERSION_STATE_READY),
        (2, pb.VERSION_STATE_PENDING),
    ]
    assert "has not heard of it yet" in model.versions[1].reason


def test_streams_beyond_the_bound_are_refused_while_probes_and_calls_are_answered(
    registry: RegistryServiceStub, channel: grpc.Channel
) -> None:
    health = health_pb2_grpc.HealthStub(channel)
    watches = [registry.WatchModels(pb.WatchModelsRequest()) for _ in range(2)]
    assert all(next(watch).model.name == "toy" for watch in watches)
    with pytest.raises(grpc.RpcError) as caught:
        next(registry.WatchModels(pb.WatchModelsRequest(), timeout=10))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert details(caught.value).details[1].Unpack(RetryInfo())
    assert health.Check(HEALTH, timeout=1).status == SERVING
    assert registry.ListModels(pb.ListModelsRequest(), timeout=10).models
    for watch in watches:
        watch.cancel()
    # Whoever leaves makes room.
    wait_until(lambda: _opens(registry))


def _opens(registry: RegistryServiceStub) -> bool:
    watch = registry.WatchModels(pb.WatchModelsRequest(), timeout=10)
    try:
        return bool(next(watch).model.name)
    except grpc.RpcError:
        return False
    finally:
        watch.cancel()


def test_watchers_are_told_to_go_elsewhere_when_the_server_drains(store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    with ExitStack() as stack:
        running = stack.enter_context(serving(store=tmp_path / "store"))
        with grpc.insecure_channel(running.address) as channel:
            watch = RegistryServiceStub(channel).WatchModels(pb.WatchModelsRequest(), timeout=60)
            next(watch)
            stopping = Thread(target=stack.pop_all().close)
            stopping.start()
            with pytest.raises(grpc.RpcError) as caught:
                next(watch)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    info = ErrorInfo()
    assert details(caught.value).details[0].Unpack(info)
    assert info.reason == "SERVER_DRAINING"
    stopping.join(30)
    assert not stopping.is_alive()


def test_traffic_tells_outcomes_latency_and_while_the_alias_is_split_scores(
    serve: Serve, store: Store, tmp_path: Path
) -> None:
    for _ in range(2):
        store.publish("p", tmp_path / "p", python_bundle(tmp_path / "p"))
    with ExitStack() as stack:
        running = serve(allow_python=["tests.fakes"])
        channel = stack.enter_context(grpc.insecure_channel(running.address))
        registry, stub = RegistryServiceStub(channel), GRPCInferenceServiceStub(channel)
        call(stub)
        assert not traffic(registry)[1].score_counts
        store.set_alias("p", "champion", {1: 50, 2: 50}, force=True, reason="a look")
        wait_until(lambda: call(stub, key="a") and len(traffic(registry)) + call(stub, key="b") > 2)
        before = traffic(registry)
        for do, version in (("", "1"), ("raise", "2"), ("", "2"), ("wrong dtype", "2")):
            call(stub, version=version, do=do)
        for number in range(20):
            call(stub, key=str(number))
        after = traffic(registry)
    assert after[2].failed - before[2].failed == 2
    assert sum(after[2].latency_counts) == after[2].ok
    scored = sum(sum(one.score_counts) for one in after.values()) - sum(
        sum(one.score_counts) for one in before.values()
    )
    assert scored == 20


def test_traffic_of_an_unknown_model_is_not_found(registry: RegistryServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        registry.GetTraffic(pb.GetTrafficRequest(model="x"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    answer = registry.GetTraffic(pb.GetTrafficRequest(model="toy"))
    assert answer.replica_id
    assert not answer.versions


def call(stub: GRPCInferenceServiceStub, *, version: str = "", key: str = "", do: str = "") -> bool:
    """One inference of one number; whether it was answered."""
    request = inference.ModelInferRequest(
        model_name="p",
        model_version=version,
        inputs=[inference.ModelInferRequest.InferInputTensor(name="x", datatype="FP64", shape=[1])],
        raw_input_contents=[np.array([1.0]).tobytes()],
    )
    request.parameters["routing_key"].string_param = key
    if do:
        request.parameters["do"].string_param = do
    try:
        stub.ModelInfer(request, timeout=30)
    except grpc.RpcError:
        return False
    return True


def traffic(registry: RegistryServiceStub) -> dict[int, pb.VersionTraffic]:
    return {one.version: one for one in registry.GetTraffic(pb.GetTrafficRequest(model="p")).versions}
