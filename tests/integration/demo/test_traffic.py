"""Traffic asks steadily, and notes every answer and every failure."""

import time

import grpc

from hotshelf.recommend.v1 import recommend_pb2
from hotshelf_demo.traffic import CALLS_PER_SECOND, Traffic
from tests.fakes.hotshelf import Fault, serving


def test_every_call_is_noted_with_its_version() -> None:
    with serving() as server, Traffic(server.address, "shop", ["a", "b"]) as traffic:
        assert traffic.wait_for(7, 10)
        assert not traffic.wait_for(8, 0.2)
    assert len(traffic.calls) == len(server.requests)
    assert {call.version for call in traffic.calls} == {7}
    assert {request.customer for request in server.requests} == {"a", "b"}
    assert {request.repeat_policy for request in server.requests} == {
        recommend_pb2.REPEAT_POLICY_MIXED,
        recommend_pb2.REPEAT_POLICY_NEW_ONLY,
        recommend_pb2.REPEAT_POLICY_BUY_AGAIN,
    }


def test_failure_is_noted_and_the_traffic_goes_on() -> None:
    with serving() as server:
        server.faults = [Fault(grpc.StatusCode.INTERNAL, "broken")]
        with Traffic(server.address, "shop", ["a"]) as traffic:
            assert traffic.wait_for(7, 10)
    (failed,) = [call for call in traffic.calls if not call.version]
    assert failed.error.startswith("INTERNAL: broken")


def test_rate_is_bounded() -> None:
    with serving() as server, Traffic(server.address, "shop", ["a"]) as traffic:
        begun = time.monotonic()
        time.sleep(1.0)
    seconds = time.monotonic() - begun
    assert 1 <= len(traffic.calls) <= CALLS_PER_SECOND * seconds + 2 * 4


def test_server_that_is_not_there_is_a_failure_of_calls_alone() -> None:
    with Traffic("localhost:1", "shop", ["a"]) as traffic:
        time.sleep(1.5)
    assert traffic.calls
    assert all(call.error.startswith("UNAVAILABLE") for call in traffic.calls)
