"""A call that fails ends with a status that reaches its caller."""

from typing import Any, cast

import grpc
import pytest
from google.rpc.status_pb2 import Status

from hotshelf_server.core.errors import HotshelfError, InvalidInput, ModelFault, Overloaded, blame
from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.calls import CallCounts
from hotshelf_server.observability.traffic import Outcome
from hotshelf_server.services.calls import Calls, Context
from tests.fakes.clock import FakeClock


class Aborted(Exception):
    """What grpc raises for abort."""


class FakeContext:
    """Notes how the call ended."""

    def set_trailing_metadata(self, metadata: Any) -> None:
        self.trailers = metadata

    def abort(self, code: grpc.StatusCode, message: str) -> None:
        self.code, self.message = code, message
        raise Aborted


def test_the_message_is_as_short_as_the_details_say() -> None:
    context = FakeContext()
    calls = Calls(CallCounts(), FakeClock(), lambda: ())
    with pytest.raises(Aborted), calls.frame("Infer", cast("Context", context)):
        raise InvalidInput("input " + "x" * 30_000)
    ((_, details),) = context.trailers
    assert context.code is grpc.StatusCode.INVALID_ARGUMENT
    assert Status.FromString(details).message == context.message
    assert len(context.message) + len(details) < 4_096


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ModelFault("it raised"), Outcome.FAILED),
        (KeyError("a bug"), Outcome.FAILED),
        (InvalidInput("shape"), Outcome.REFUSED),
        (Overloaded("full", 1.0), Outcome.REFUSED),
    ],
)
def test_a_call_that_fails_is_counted_for_the_version_that_was_asked(error: Exception, outcome: Outcome) -> None:
    recorded: list[tuple[VersionId, Outcome, float]] = []
    counts, clock = CallCounts(), FakeClock()
    calls = Calls(counts, clock, lambda: ("m",), lambda *call: recorded.append(call))
    blame(error, VersionId("m", 7))
    frame = calls.frame("ModelInfer", cast("Context", FakeContext()), "m")
    frame.__enter__()
    clock.advance(2.0)
    with pytest.raises(Aborted):
        frame.__exit__(type(error), error, None)
    assert recorded == [(VersionId("m", 7), outcome, 2.0)]
    (labels,) = counts.snapshot()[0]
    assert labels[:3] == ("ModelInfer", "m", "7")


def test_only_calls_that_let_a_model_compute_count_for_its_version() -> None:
    recorded: list[tuple[VersionId, Outcome, float]] = []
    calls = Calls(CallCounts(), FakeClock(), lambda: ("m",), lambda *call: recorded.append(call))
    for method in ("ModelReady", "ModelMetadata", "Recommend"):
        with calls.frame(method, cast("Context", FakeContext()), "m") as call:
            call.answered_by(VersionId("m", 7))
    with pytest.raises(Aborted), calls.frame("ModelInfer", cast("Context", FakeContext()), "m"):
        raise HotshelfError("before any version was chosen")
    assert recorded == [(VersionId("m", 7), Outcome.OK, 0.0)]
