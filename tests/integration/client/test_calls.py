"""The client speaks to a real gRPC server."""

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import grpc
import numpy as np
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from hotshelf.bundle.v1 import manifest_pb2
from hotshelf.inference import open_inference_pb2 as inference
from hotshelf.recommend.v1 import recommend_pb2
from hotshelf.registry.v1 import alias_pb2, registry_pb2
from hotshelf_client import BadAnswer, Client, Metric, Overloaded
from tests.fakes.hotshelf import FakeHotshelf, Fault

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stamp() -> Timestamp:
    found = Timestamp()
    found.FromDatetime(MOMENT)
    return found


def test_arrays_go_out_and_come_back(client: Client, server: FakeHotshelf) -> None:
    inputs = {"x": np.array([[1.5, -2]], dtype=np.float32), "word": np.array([b"a\0"], dtype=object)}
    answer = client.predict("m", inputs, version=3, parameters={"k": 2, "live": True, "rate": 0.5, "name": "n"})
    assert answer.model == "m"
    assert answer.version == 7
    assert np.array_equal(answer.outputs["x"], inputs["x"])
    assert answer.outputs["word"].tolist() == [b"a\0"]
    assert answer.parameters == {"k": 2, "live": True, "rate": 0.5, "name": "n"}
    (request,) = server.requests
    assert request.model_version == "3"
    assert [list(tensor.shape) for tensor in request.inputs] == [[1, 2], [1]]
    assert not any(tensor.HasField("contents") for tensor in request.inputs)


def test_wanted_outputs_are_named(client: Client, server: FakeHotshelf) -> None:
    client.predict("m", {"x": [1.0]}, outputs=["y"])
    assert [output.name for output in server.requests[0].outputs] == ["y"]


def test_what_the_protocol_cannot_carry_is_refused_before_it_is_sent(client: Client, server: FakeHotshelf) -> None:
    with pytest.raises(TypeError, match="input 'x': expected an array of bool"):
        client.predict("m", {"x": np.array([1j])})
    with pytest.raises(TypeError, match="parameter 'k'"):
        client.predict("m", {"x": [1.0]}, parameters={"k": 2**63})
    assert server.requests == []


def test_answer_that_contradicts_itself_is_refused(client: Client, server: FakeHotshelf) -> None:
    output = inference.ModelInferResponse.InferOutputTensor(name="y", datatype="FP32", shape=[2])
    broken = inference.ModelInferResponse(model_version="1", outputs=[output], raw_output_contents=[b"1234"])
    absent = inference.ModelInferResponse(model_version="1", outputs=[output])
    server.answers["ModelInferRequest"] = [broken, absent]
    with pytest.raises(BadAnswer, match=r"output 'y': FP32 of shape \[2\]: expected 8 bytes, found 4"):
        client.predict("m", {"x": [1.0]})
    with pytest.raises(BadAnswer, match="expected raw contents for 1 outputs, found 0"):
        client.predict("m", {"x": [1.0]})


def test_recommendations_carry_reasons(client: Client, server: FakeHotshelf) -> None:
    bought = recommend_pb2.Reason(
        source=recommend_pb2.SOURCE_BOUGHT_BEFORE, text="bought twice", times_bought=2, days_since_bought=3.5
    )
    related = recommend_pb2.Reason(source=recommend_pb2.SOURCE_BECAUSE_YOU_BOUGHT, because_of=["p9"])
    server.answers["RecommendRequest"] = [
        recommend_pb2.RecommendResponse(
            recommendation_id="r1",
            model="shop",
            version=12,
            recommendations=[
                recommend_pb2.Recommendation(product="p1", title="Milk", score=2.5, reason=bought),
                recommend_pb2.Recommendation(product="p2", score=1.5, reason=related),
            ],
            fallback=recommend_pb2.FALLBACK_NONE,
            as_of=stamp(),
        )
    ]
    answer = client.recommend(
        "shop", "c1", 2, basket=["p3"], repeat_policy="new_only", exclude=["p4"], as_of=MOMENT, version="candidate"
    )
    assert (answer.id, answer.model, answer.version) == ("r1", "shop", 12)
    assert (answer.fallback, answer.as_of) == ("none", MOMENT)
    first, second = answer.items
    assert (first.product, first.title, first.score) == ("p1", "Milk", 2.5)
    assert (first.reason.source, first.reason.days_since_bought) == ("bought_before", 3.5)
    assert (second.reason.source, second.reason.days_since_bought) == ("because_you_bought", None)
    assert second.reason.because_of == ("p9",)
    (request,) = server.requests
    assert (request.version, request.customer, request.k) == ("candidate", "c1", 2)
    assert (list(request.basket), list(request.exclude)) == (["p3"], ["p4"])
    assert request.repeat_policy == recommend_pb2.REPEAT_POLICY_NEW_ONLY
    assert request.as_of == stamp()


def test_default_moment_is_left_to_the_model(client: Client, server: FakeHotshelf) -> None:
    assert client.recommend("shop", "c1").as_of is None
    assert not server.requests[0].HasField("as_of")


def test_moment_without_a_zone_is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="as_of needs a time zone"):
        client.recommend("shop", "c1", as_of=MOMENT.replace(tzinfo=None))


def test_unknown_repeat_policy_is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="'sometimes' is not a valid RepeatPolicy"):
        client.recommend("shop", "c1", repeat_policy="sometimes")


def test_models_of_every_page_are_listed(client: Client, server: FakeHotshelf) -> None:
    routes = {"champion": alias_pb2.Route(weights={2: 95, 3: 5})}
    aliases = alias_pb2.AliasRevision(revision=3, routes=routes, change=alias_pb2.CHANGE_PROMOTE)
    status = registry_pb2.VersionStatus(version=2, state=registry_pb2.VERSION_STATE_READY, since=stamp())
    server.answers["ListModelsRequest"] = [
        registry_pb2.ListModelsResponse(
            models=[registry_pb2.Model(name="a", aliases=aliases, versions=[status])], next_page_token="t"
        ),
        registry_pb2.ListModelsResponse(models=[registry_pb2.Model(name="b")]),
    ]
    first, second = client.models()
    assert first.routing is not None
    assert first.routing.aliases == {"champion": {2: 95, 3: 5}}
    assert first.routing.change == "promote"
    assert (first.versions[0].state, first.versions[0].since) == ("ready", MOMENT)
    assert (second.name, second.routing, second.versions) == ("b", None, ())
    assert [request.page_token for request in server.requests] == ["", "t"]


def test_versions_of_every_page_are_listed(client: Client, server: FakeHotshelf) -> None:
    judged = manifest_pb2.Manifest(
        version=2,
        created_at=stamp(),
        runtime="lightgbm",
        verdict=manifest_pb2.Verdict(passed=True),
        metrics=[manifest_pb2.Metric(name="ndcg@10", scope="test/all", subject="candidate", value=0.4, low=0.0)],
    )
    server.answers["ListVersionsRequest"] = [
        registry_pb2.ListVersionsResponse(
            versions=[registry_pb2.Version(manifest=judged, aliases=["champion"])], next_page_token="t"
        ),
        registry_pb2.ListVersionsResponse(versions=[registry_pb2.Version(manifest=manifest_pb2.Manifest(version=1))]),
    ]
    newest, oldest = client.versions("m")
    assert (newest.version, newest.passed, newest.aliases, newest.created_at) == (2, True, ("champion",), MOMENT)
    assert newest.metrics == (Metric("ndcg@10", "test/all", "candidate", 0.4, 0.0, None),)
    assert (oldest.version, oldest.passed) == (1, None)


def test_state_that_this_client_does_not_know_is_a_number(client: Client, server: FakeHotshelf) -> None:
    later = registry_pb2.VersionStatus(version=2)
    later.MergeFromString(b"\x10\x63")  # field 2, state: 99
    server.answers["ListModelsRequest"] = [
        registry_pb2.ListModelsResponse(models=[registry_pb2.Model(name="a", versions=[later])])
    ]
    assert client.models()[0].versions[0].state == "99"


def test_promotion_and_rollback_answer_with_the_routing(client: Client, server: FakeHotshelf) -> None:
    promoted = client.promote("m", 3, "looks good", author="me", force=True)
    assert (promoted.aliases, promoted.forced, promoted.reason) == ({"champion": {3: 1}}, True, "looks good")
    assert server.requests[0].author == "me"
    assert client.rollback("m", "it did not").change == "rollback"


def test_an_alias_is_set_where_the_caller_says_the_log_is(client: Client, server: FakeHotshelf) -> None:
    routing = client.set_alias("m", "shadow", {3: 1}, "a look", expected_revision=0, author="me")
    assert (routing.aliases, routing.change, routing.author) == ({"shadow": {3: 1}}, "set_alias", "me")
    assert client.set_alias("m", "shadow", {}, expected_revision=None).aliases == {}
    first, second = server.requests
    assert (first.WhichOneof("expected"), first.expected_revision) == ("expected_revision", 0)
    assert (second.WhichOneof("expected"), second.any_revision) == ("any_revision", True)


def test_models_are_watched_until_the_stream_ends(client: Client, server: FakeHotshelf) -> None:
    route = {"champion": alias_pb2.Route(weights={3: 1})}
    states = [registry_pb2.Model(name="m"), registry_pb2.Model(name="m", routes=route)]
    server.answers["WatchModelsRequest"] = [
        [registry_pb2.WatchModelsResponse(model=state, replica_id="r1") for state in states]
    ]
    first, second = client.watch_models("m")
    assert (first.routes, second.routes, second.replica) == ({}, {"champion": {3: 1}}, "r1")
    assert list(server.requests[0].models) == ["m"]


def test_an_error_of_a_watch_is_typed_as_any_other(client: Client, server: FakeHotshelf) -> None:
    server.faults.append(Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, retry_after=0.5))
    with pytest.raises(Overloaded) as caught:
        next(client.watch_models())
    assert caught.value.retry_after == 0.5


def test_traffic_tells_each_version_of_the_replica_that_answers(client: Client, server: FakeHotshelf) -> None:
    counts = registry_pb2.VersionTraffic(
        version=3, ok=5, failed=2, refused=1, latency_counts=[4, 1], score_buckets=[-20_000, 0], score_counts=[2, 3]
    )
    server.answers["GetTrafficRequest"] = [
        registry_pb2.GetTrafficResponse(replica_id="r1", latency_bounds=[0.1], versions=[counts])
    ]
    traffic = client.traffic("m")
    (version,) = traffic.versions
    assert (traffic.replica, version.version, version.ok, version.failed, version.refused) == ("r1", 3, 5, 2, 1)
    assert (version.latency, version.scores) == ({0.1: 4, math.inf: 1}, {-20_000: 2, 0: 3})


def test_metadata_tells_what_a_model_takes(client: Client) -> None:
    found = client.metadata("m")
    assert found.versions == (1, 2)
    assert (found.inputs[0].name, found.inputs[0].datatype, found.inputs[0].shape) == ("x", "FP32", (-1, 2))


def test_readiness_is_the_servers_or_a_models(client: Client, server: FakeHotshelf) -> None:
    assert client.ready()
    assert client.ready("m")
    assert [type(request).__name__ for request in server.requests] == ["ServerReadyRequest", "ModelReadyRequest"]


def test_threads_share_a_client(client: Client) -> None:
    def call(number: int) -> bool:
        return bool(client.predict("m", {"x": [number]}).outputs["x"][0] == number)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(call, range(200)))


def test_message_of_64_mib_passes(client: Client) -> None:
    array = np.zeros(64 * 2**20, dtype=np.uint8)
    assert client.predict("m", {"x": array}).outputs["x"].nbytes == array.nbytes
