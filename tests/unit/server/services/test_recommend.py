"""Recommend takes every time that a Timestamp can hold, and no other."""

from typing import Any, cast

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from hotshelf.recommend.v1 import recommend_pb2 as pb
from hotshelf_server.core.recommendation import Fallback, Query, Recommendations
from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.dataplane import Caller, Dataplane, RecommendResult
from hotshelf_server.observability.recommendations import RecommendationCounts
from hotshelf_server.observability.records import Records
from hotshelf_server.services.calls import Calls, Context
from hotshelf_server.services.recommend import RecommendationService
from tests.fakes.clock import FakeClock

END = 253_402_300_799
"""The last second of the year 9999."""


class Aborted(Exception):
    """What grpc raises for abort."""


class FakeContext:
    """Notes how the call ended."""

    code: grpc.StatusCode | None = None
    message = ""

    def time_remaining(self) -> None:
        return None

    def invocation_metadata(self) -> tuple[()]:
        return ()

    def add_callback(self, gone: Any) -> bool:
        return True

    def set_trailing_metadata(self, metadata: Any) -> None:
        """Details are not looked at here."""

    def abort(self, code: grpc.StatusCode, message: str) -> None:
        self.code, self.message = code, message
        raise Aborted


class EchoingDataplane:
    """Recommends nothing, as of the moment asked for."""

    def recommend(self, model: str, version: str, query: Query, caller: Caller) -> RecommendResult:
        assert query.as_of is not None
        return RecommendResult(VersionId(model, 1), Recommendations((), Fallback.NONE, query.as_of), Times())


@pytest.fixture
def context() -> FakeContext:
    return FakeContext()


@pytest.fixture
def counts() -> RecommendationCounts:
    return RecommendationCounts()


@pytest.fixture
def service(counts: RecommendationCounts) -> RecommendationService:
    calls = Calls(Records(), FakeClock(), lambda: ())
    return RecommendationService(cast("Dataplane", EchoingDataplane()), calls, counts)


@pytest.mark.parametrize("as_of", [Timestamp(seconds=END, nanos=999_999_999), Timestamp(seconds=-62_135_596_800)])
def test_the_first_and_the_last_moment_can_be_asked_for(
    service: RecommendationService, context: FakeContext, as_of: Timestamp
) -> None:
    answer = service.Recommend(pb.RecommendRequest(model="m", as_of=as_of), cast("Context", context))
    assert answer.as_of == as_of


@pytest.mark.parametrize("as_of", [Timestamp(seconds=END + 1), Timestamp(nanos=-1), Timestamp(nanos=10**9)])
def test_a_time_out_of_range_is_the_caller_s_mistake(
    service: RecommendationService, context: FakeContext, as_of: Timestamp
) -> None:
    with pytest.raises(Aborted):
        service.Recommend(pb.RecommendRequest(model="m", as_of=as_of), cast("Context", context))
    assert context.code is grpc.StatusCode.INVALID_ARGUMENT
    assert context.message.startswith(f"as_of: {as_of.seconds} seconds and {as_of.nanos} nanos")


def test_each_answer_is_counted_for_the_version_that_gave_it(
    service: RecommendationService, context: FakeContext, counts: RecommendationCounts
) -> None:
    request = pb.RecommendRequest(model="m", as_of=Timestamp(seconds=END))
    for _ in range(3):
        service.Recommend(request, cast("Context", context))
    assert counts.snapshot(0.0)[VersionId("m", 1)].fallbacks == {Fallback.NONE: 3}
