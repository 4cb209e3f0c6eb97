"""A call that fails ends with a status that reaches its caller."""

from typing import Any, cast

import grpc
import pytest
from google.rpc.status_pb2 import Status

from hotshelf_server.core.errors import HotshelfError, InvalidInput, ModelFault, Overloaded
from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.traffic import Outcome
from hotshelf_server.services.calls import Calls, Context, seconds_left
from tests.fakes.clock import FakeClock


class Aborted(Exception):
    """What grpc raises for abort."""


class FakeContext:
    """Notes how the call ended."""

    def __init__(self, *metadata: tuple[str, str]) -> None:
        self.metadata = metadata

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self.metadata

    def set_trailing_metadata(self, metadata: Any) -> None:
        self.trailers = metadata

    def abort(self, code: grpc.StatusCode, message: str) -> None:
        self.code, self.message = code, message
        raise Aborted


def test_the_message_is_as_short_as_the_details_say() -> None:
    context = FakeContext()
    calls = Calls(Records(), FakeClock(), lambda: ())
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
    records, clock = Records(), FakeClock()
    calls = Calls(records, clock, lambda: ("m",))
    call = calls.frame("ModelInfer", cast("Context", FakeContext()), "m").__enter__()
    call.routed(VersionId("m", 7))
    clock.advance(2.0)
    with pytest.raises(Aborted):
        call.__exit__(type(error), error, None)
    traffic = records.traffic.snapshot("m")[7]
    assert {Outcome.FAILED: traffic.failed, Outcome.REFUSED: traffic.refused}[outcome] == 1
    assert list(records.calls.snapshot().series) == [("ModelInfer", "m", 7)]
    fail = records.statistics.snapshot()[VersionId("m", 7)].fail
    assert (fail.count, fail.seconds) == (1, 2.0)


def test_only_calls_that_let_a_model_compute_count_for_its_version() -> None:
    records = Records()
    calls = Calls(records, FakeClock(), lambda: ("m",))
    for method in ("ModelReady", "ModelMetadata", "Recommend"):
        with calls.frame(method, cast("Context", FakeContext()), "m") as call:
            call.routed(VersionId("m", 7))
    with pytest.raises(Aborted), calls.frame("ModelInfer", cast("Context", FakeContext()), "m"):
        raise HotshelfError("before any version was chosen")
    assert records.traffic.snapshot("m")[7].ok == 1


@pytest.mark.parametrize("context", [None, FakeContext()])
def test_a_caller_who_leaves_a_stream_is_counted_as_gone_and_not_refused(context: FakeContext | None) -> None:
    records = Records()
    calls = Calls(records, FakeClock(), lambda: ("m",))
    with pytest.raises(GeneratorExit), calls.frame("ModelStreamInfer", cast("Context | None", context), "m"):
        raise GeneratorExit
    (series,) = records.calls.snapshot().series.values()
    assert series.codes == {"CANCELLED": 1}


def test_a_deadline_at_the_end_of_time_is_none() -> None:
    class Patient:
        def time_remaining(self) -> float:
            return 9.2e18

    assert seconds_left(cast("Context", Patient())) is None
