"""ModelStreamInfer: answers in order, errors that don't end the stream, models with several responses."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf.registry.v1 import registry_pb2
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_store import Store
from tests.fakes.bundles import ROWS, prediction, publish_lightgbm
from tests.integration.conftest import Running, Serve, serving, wait_until
from tests.integration.protocol.speaking import Talk, arrays, ask, reason, retry_seconds, rows

FINAL = "triton_final_response"


def finals(responses: list[pb.ModelStreamInferResponse]) -> list[bool]:
    """Which of the responses say that they are the last of their request."""
    return [one.infer_response.parameters[FINAL].bool_param for one in responses]


def decoupled(do: str, *, enable: bool) -> pb.ModelInferRequest:
    return ask("gated", identifier="d", do=do, triton_enable_empty_final_response=enable)


def test_an_error_in_a_stream_leaves_it_open(stub: GRPCInferenceServiceStub, ones: np.ndarray) -> None:
    talk = Talk(stub)
    for request, words in (
        (ask("nobody", identifier="1"), "[NOT_FOUND] model 'nobody'"),
        (ask("toy", identifier="2"), "[INVALID_ARGUMENT] unknown input 'x'"),
        (ask("gated", identifier="3", do="raise"), "[INTERNAL] tests.fakes.protocol_models:Gated raised ValueError"),
    ):
        talk.say(request)
        heard = talk.hear()
        assert heard.error_message.startswith(words)
        assert heard.infer_response.id == request.id
    talk.say(ask("toy", rows(ones), identifier="4"))
    (last,) = talk.rest()
    assert not last.error_message
    assert last.infer_response.id == "4"
    assert arrays(last.infer_response)["prediction"].shape == (1,)


def test_answers_come_in_the_order_of_their_requests_from_different_models(stub: GRPCInferenceServiceStub) -> None:
    talk = Talk(stub)
    for place in range(20):
        model = ("toy", "batched")[place % 2]
        talk.say(ask(model, rows(ROWS[place : place + 2]), identifier=str(place)))
    heard = [one.infer_response for one in talk.rest()]
    assert [one.id for one in heard] == [str(place) for place in range(20)]
    for place, one in enumerate(heard):
        np.testing.assert_array_equal(arrays(one)["prediction"], prediction(3)[place : place + 2])


def test_the_one_answer_of_a_plain_model_is_marked_as_final(stub: GRPCInferenceServiceStub, ones: np.ndarray) -> None:
    talk = Talk(stub)
    talk.say(ask("toy", rows(ones), triton_enable_empty_final_response=True), ask("batched", rows(ones)))
    heard = list(talk.rest())
    assert finals(heard) == [True, True]
    assert all(one.infer_response.outputs for one in heard)


def test_responses_of_a_decoupled_model_are_followed_by_an_empty_final_one_if_it_is_asked_for(
    stub: GRPCInferenceServiceStub,
) -> None:
    talk = Talk(stub)
    talk.say(decoupled("iterate", enable=True))
    heard = list(talk.rest())
    assert finals(heard) == [False, False, True]
    assert [len(one.infer_response.outputs) for one in heard] == [1, 1, 0]
    assert {(one.infer_response.id, one.infer_response.model_version) for one in heard} == {("d", "1")}


def test_nobody_who_did_not_ask_gets_an_empty_response(stub: GRPCInferenceServiceStub) -> None:
    talk = Talk(stub)
    talk.say(decoupled("iterate", enable=False), decoupled("iterate nothing", enable=False))
    assert finals(list(talk.rest())) == [False, False]


def test_a_decoupled_model_without_responses_still_says_when_it_is_done(stub: GRPCInferenceServiceStub) -> None:
    talk = Talk(stub)
    talk.say(decoupled("iterate nothing", enable=True))
    (only,) = talk.rest()
    assert finals([only]) == [True]
    assert only.infer_response.id == "d"


def test_an_error_after_some_responses_is_told_and_the_model_serves_on(stub: GRPCInferenceServiceStub) -> None:
    talk = Talk(stub)
    talk.say(decoupled("iterate badly", enable=True), ask("gated", identifier="next"))
    first, error, following = talk.rest()
    assert first.infer_response.outputs
    assert "the model gave no output 'y'" in error.error_message
    assert arrays(following.infer_response)["y"].tolist() == [3.0]


def test_a_decoupled_model_streams_where_its_calls_are_joined_into_batches(stub: GRPCInferenceServiceStub) -> None:
    talk = Talk(stub)
    talk.say(ask("joined", do="iterate"), ask("joined"))
    heard = list(talk.rest())
    assert [one.error_message for one in heard] == [""] * 3
    assert finals(heard) == [False, False, True]


def test_whoever_cancels_in_the_middle_frees_the_worker_and_the_place(stub: GRPCInferenceServiceStub) -> None:
    talk = Talk(stub)
    talk.say(decoupled("endless", enable=False))
    for _ in range(3):
        assert talk.hear().infer_response.outputs
    talk.cancel()
    answer = stub.ModelInfer(ask("gated"), timeout=10)
    assert arrays(answer)["y"].tolist() == [3.0]


def test_whoever_cancels_while_waiting_for_a_turn_leaves_the_line(
    house: Running, stub: GRPCInferenceServiceStub, gate: Path
) -> None:
    held = stub.ModelInfer.future(ask("gated", until=str(gate)))
    waiting = house.server.sampling
    wait_until(lambda: waiting().running == 1)
    talk = Talk(stub)
    talk.say(ask("gated"))
    wait_until(lambda: waiting().waiting_by_model()["gated"] == 1)
    talk.cancel()
    wait_until(lambda: waiting().waiting_by_model()["gated"] == 0)
    gate.touch()
    assert arrays(held.result(10))["y"].tolist() == [3.0]


def test_streams_beyond_the_bound_are_refused_while_health_is_answered(
    serve: Serve, store: Store, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    running = serve(max_streams=4)
    with grpc.insecure_channel(running.address) as channel:
        stub, health = GRPCInferenceServiceStub(channel), health_pb2_grpc.HealthStub(channel)
        watches = [
            RegistryServiceStub(channel).WatchModels(registry_pb2.WatchModelsRequest(), timeout=60) for _ in range(2)
        ]
        assert all(next(watch).model.name == "toy" for watch in watches)
        talks = [Talk(stub) for _ in range(2)]
        for talk in talks:
            talk.say(ask("toy", rows(ROWS)))
            assert talk.hear().infer_response.outputs
        with pytest.raises(grpc.RpcError) as caught:
            Talk(stub).hear()
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason(caught.value) == "OVERLOADED"
        assert retry_seconds(caught.value) > 0
        began = time.monotonic()
        assert health.Check(health_pb2.HealthCheckRequest(), timeout=10).status
        seconds = time.monotonic() - began
        record_property("health_seconds_with_all_streams_open", seconds)
        assert seconds < 1
        assert stub.ModelInfer(ask("toy", rows(ROWS)), timeout=10).outputs
        for talk in talks:
            talk.cancel()
        for watch in watches:
            watch.cancel()


def test_a_drain_ends_idle_streams_and_answers_what_was_asked(store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    with ExitStack() as stack:
        running = stack.enter_context(serving(store=tmp_path / "store"))
        with grpc.insecure_channel(running.address) as channel:
            talk = Talk(GRPCInferenceServiceStub(channel))
            talk.say(ask("toy", rows(ROWS)))
            assert talk.hear().infer_response.outputs
            stopping = threading.Thread(target=stack.pop_all().close)
            began = time.monotonic()
            stopping.start()
            with pytest.raises(grpc.RpcError) as caught:
                talk.hear()
            assert caught.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
            stopping.join(30)
    assert not stopping.is_alive()
    assert time.monotonic() - began < 15
