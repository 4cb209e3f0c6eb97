"""Who is served when, and who is refused: priorities, timeouts, deadlines, cancelled calls, full lines."""

import time
from pathlib import Path
from typing import Any

import grpc
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import Store
from tests.integration.conftest import Running, Serve
from tests.integration.protocol.conftest import publish_python
from tests.integration.protocol.speaking import (
    Talk,
    arrays,
    ask,
    metric,
    reason,
    retry_seconds,
    statistics,
    wait_for_calls,
)


@pytest.fixture
def held(house: Running, stub: GRPCInferenceServiceStub, gate: Path) -> Any:
    """A call that holds the only place of model gated until the gate opens."""
    call = stub.ModelInfer.future(ask("gated", until=str(gate)))
    wait_for_calls(house, executing=1)
    return call


def with_parameter(field: str, name: str, value: int) -> pb.ModelInferRequest:
    request = ask("gated")
    setattr(request.parameters[name], field, value)
    return request


@pytest.mark.parametrize("field", ["int64_param", "uint64_param"])
def test_the_more_urgent_is_served_first_whichever_way_it_is_said(
    house: Running, stub: GRPCInferenceServiceStub, held: Any, gate: Path, field: str
) -> None:
    record = gate.with_name("record")
    calls = []
    for place, (mark, priority) in enumerate({"c": 9, "b": 0, "a": 1}.items()):
        request = ask("gated", record=str(record), mark=mark)
        setattr(request.parameters["priority"], field, priority)
        calls.append(stub.ModelInfer.future(request))
        wait_for_calls(house, executing=1, waiting=place + 1)
    gate.touch()
    assert all(call.result(10) for call in [held, *calls])
    assert record.read_text() == "abc"


@pytest.mark.parametrize("field", ["int64_param", "uint64_param"])
def test_a_call_that_waits_longer_than_its_timeout_is_let_go(
    stub: GRPCInferenceServiceStub, held: Any, gate: Path, field: str
) -> None:
    with pytest.raises(grpc.RpcError, match="waited too long for its turn") as caught:
        stub.ModelInfer(with_parameter(field, "timeout", 50_000))
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    gate.touch()
    assert held.result(10)


@pytest.mark.parametrize(("name", "value"), [("priority", -1), ("timeout", -1), ("priority", 11)])
def test_a_priority_or_timeout_out_of_range_is_refused(stub: GRPCInferenceServiceStub, name: str, value: int) -> None:
    with pytest.raises(grpc.RpcError, match=f"parameter '{name}' is {value}"):
        stub.ModelInfer(with_parameter("int64_param", name, value))


def test_a_timeout_that_is_a_text_is_refused(stub: GRPCInferenceServiceStub) -> None:
    with pytest.raises(grpc.RpcError, match="parameter 'timeout' is 'soon', expected a whole number"):
        stub.ModelInfer(ask("gated", timeout="soon"))


def test_a_call_that_waits_past_its_deadline_is_let_go_without_being_computed(
    house: Running, stub: GRPCInferenceServiceStub, held: Any, gate: Path
) -> None:
    before = statistics(stub, "gated").execution_count
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(ask("gated"), timeout=0.1)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    wait_for_calls(house, executing=1)
    gate.touch()
    assert held.result(10)
    assert statistics(stub, "gated").execution_count == before + 1


def test_a_call_cancelled_in_line_is_counted_as_cancelled_and_leaves_its_place(
    house: Running, stub: GRPCInferenceServiceStub, held: Any, gate: Path
) -> None:
    def cancelled() -> float:
        return metric(house, "hotshelf_calls_total", model="gated", code="CANCELLED")

    before = cancelled()
    call = stub.ModelInfer.future(ask("gated"))
    wait_for_calls(house, executing=1, waiting=1)
    call.cancel()
    wait_for_calls(house, executing=1, waiting=0)
    gate.touch()
    assert held.result(10)
    assert cancelled() == before + 1


def test_a_full_line_is_told_when_to_come_again(
    house: Running, stub: GRPCInferenceServiceStub, held: Any, gate: Path
) -> None:
    calls = [stub.ModelInfer.future(ask("gated")) for _ in range(4)]
    wait_for_calls(house, executing=1, waiting=4)
    with pytest.raises(grpc.RpcError, match="4 calls wait for model 'gated' already") as caught:
        stub.ModelInfer(ask("gated"))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert reason(caught.value) == "OVERLOADED"
    assert 0 < retry_seconds(caught.value) <= 5
    talk = Talk(stub)
    talk.say(ask("gated"))
    assert talk.hear().error_message.startswith("[RESOURCE_EXHAUSTED] 4 calls wait")
    assert arrays(stub.ModelInfer(ask("joined"), timeout=10))["y"].tolist() == [3.0]
    talk.cancel()
    gate.touch()
    assert all(call.result(10) for call in [held, *calls])


def test_one_hung_model_does_not_stop_another(serve: Serve, store: Store, tmp_path: Path) -> None:
    for model in ("hung", "well"):
        publish_python(store, tmp_path / model, model)
    running = serve(threads=1, call_seconds=1, allow_python=["tests.fakes"])
    with grpc.insecure_channel(running.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        hung = [stub.ModelInfer.future(ask("hung", do="hang")) for _ in range(2)]
        wait_for_calls(running, executing=1, waiting=1, model="hung")
        began = time.monotonic()
        assert arrays(stub.ModelInfer(ask("well"), timeout=30))["y"].tolist() == [3.0]
        assert time.monotonic() - began < 0.9
        assert {call.code() for call in hung} == {grpc.StatusCode.INTERNAL}
        assert all("took longer than 1 s and was killed" in str(call.details()) for call in hung)
        assert arrays(stub.ModelInfer(ask("hung"), timeout=30))["y"].tolist() == [3.0]
