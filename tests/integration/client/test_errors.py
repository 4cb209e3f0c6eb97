"""Every way a call can end is an error that says what to do."""

import time

import grpc
import numpy as np
import pytest

import hotshelf_client
from hotshelf_client import Client, HotshelfError
from hotshelf_client.errors import BY_CODE
from tests.fakes.hotshelf import FakeHotshelf, Fault

Code = grpc.StatusCode


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.OK], ids=lambda code: code.name)
def test_status_becomes_its_error_with_the_servers_particulars(
    client: Client, server: FakeHotshelf, code: grpc.StatusCode
) -> None:
    particulars = {"model": "m", "expected": "FP32"}
    server.faults = [Fault(code, "input 'x': expected FP32", "INVALID_INPUT", particulars)] * 4
    with pytest.raises(HotshelfError, match="INVALID_INPUT: input 'x': expected FP32") as caught:
        client.predict("m", {"x": [1.0]})
    assert type(caught.value) is BY_CODE.get(code, HotshelfError)
    assert caught.value.code is code
    assert caught.value.reason == "INVALID_INPUT"
    assert caught.value.metadata == particulars
    assert caught.value.advice in str(caught.value)
    assert isinstance(caught.value.__cause__, grpc.RpcError)


def test_every_typed_error_gives_advice() -> None:
    assert all(kind.advice for kind in BY_CODE.values())
    assert {kind.__name__ for kind in BY_CODE.values()} <= set(hotshelf_client.__all__)


def test_overload_says_when_to_come_back(client: Client, server: FakeHotshelf) -> None:
    server.faults = [Fault(Code.RESOURCE_EXHAUSTED, reason="OVERLOADED", retry_after=0.25)]
    with pytest.raises(hotshelf_client.Overloaded) as caught:
        client.predict("m", {"x": [1.0]})
    assert caught.value.retry_after == 0.25


@pytest.mark.parametrize("details", [b"", b"\xff\xff no protobuf"])
def test_details_that_cannot_be_read_leave_the_code(client: Client, server: FakeHotshelf, details: bytes) -> None:
    server.faults = [Fault(Code.NOT_FOUND, "no model 'm'", details=details)]
    with pytest.raises(hotshelf_client.NotFound, match="NOT_FOUND: no model 'm'") as caught:
        client.predict("m", {"x": [1.0]})
    assert caught.value.reason == ""
    assert caught.value.metadata == {}
    assert caught.value.retry_after is None


def test_unavailable_call_is_tried_again(client: Client, server: FakeHotshelf) -> None:
    server.faults = [Fault(Code.UNAVAILABLE)] * 2
    assert client.predict("m", {"x": [1.0]}).version == 7
    assert len(server.requests) == 3


def test_tries_are_bounded(client: Client, server: FakeHotshelf) -> None:
    server.faults = [Fault(Code.UNAVAILABLE)] * 100
    with pytest.raises(hotshelf_client.Unavailable):
        client.predict("m", {"x": [1.0]})
    assert len(server.requests) == 4


def test_call_that_changes_something_is_never_sent_twice(client: Client, server: FakeHotshelf) -> None:
    server.faults = [Fault(Code.UNAVAILABLE)] * 2
    with pytest.raises(hotshelf_client.Unavailable):
        client.promote("m", 2)
    with pytest.raises(hotshelf_client.Unavailable):
        client.rollback("m")
    assert len(server.requests) == 2


def test_other_failures_are_not_tried_again(client: Client, server: FakeHotshelf) -> None:
    server.faults = [Fault(Code.INTERNAL)]
    with pytest.raises(hotshelf_client.ServerFault):
        client.predict("m", {"x": [1.0]})
    assert len(server.requests) == 1


def test_every_call_has_a_deadline(server: FakeHotshelf) -> None:
    server.release.clear()
    begun = time.monotonic()
    with Client(server.address, timeout=0.2) as client:
        with pytest.raises(hotshelf_client.DeadlineExceeded):
            client.predict("m", {"x": [1.0]})
        with pytest.raises(hotshelf_client.DeadlineExceeded):
            client.models()
        assert not client.ready()
    assert time.monotonic() - begun < 5


def test_server_that_nobody_runs_is_unavailable_and_not_ready() -> None:
    with Client("localhost:1", timeout=5) as client:
        assert not client.ready()
        with pytest.raises(hotshelf_client.Unavailable, match="check that the server runs"):
            client.models()


def test_readiness_of_an_unknown_model_is_an_error(client: Client, server: FakeHotshelf) -> None:
    server.faults = [Fault(Code.NOT_FOUND, "no model 'm'", "MODEL_NOT_FOUND")]
    with pytest.raises(hotshelf_client.NotFound):
        client.ready("m")


def test_message_over_the_limit_is_refused(client: Client) -> None:
    with pytest.raises(hotshelf_client.Overloaded, match="larger than"):
        client.predict("m", {"x": np.zeros(66 * 2**20, dtype=np.uint8)})
