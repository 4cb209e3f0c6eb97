"""A call that fails ends with a status that reaches its caller."""

from typing import Any, cast

import grpc
import pytest
from google.rpc.status_pb2 import Status

from hotshelf_server.core.errors import (
    Cancelled,
    DeadlineExceeded,
    HotshelfError,
    InvalidInput,
    ModelFault,
    Overloaded,
    Refusal,
    ServerDraining,
)
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


TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_bucket_leads_to_the_trace_of_a_call_that_fell_in_it() -> None:
    records, clock = Records(), FakeClock()
    calls = Calls(records, clock, lambda: ("m",))
    traced = cast("Context", FakeContext(("user-agent", "x"), ("traceparent", TRACEPARENT)))
    for context, seconds in ((traced, 0.3), (cast("Context", FakeContext()), 3.0)):
        with calls.frame("ModelInfer", context, "m"):
            clock.advance(seconds)
    (series,) = records.calls.snapshot().series.values()
    ((bucket, exemplar),) = series.duration.exemplars.items()
    assert series.duration.counts[bucket] == 1
    assert (exemplar.trace_id, exemplar.span_id) == tuple(TRACEPARENT.split("-")[1:3])
    assert exemplar.value == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (Overloaded("full", 1.0, refusal=Refusal.QUEUE_FULL), Refusal.QUEUE_FULL),
        (DeadlineExceeded("late", refusal=Refusal.WAITED_TOO_LONG), Refusal.WAITED_TOO_LONG),
        (DeadlineExceeded("late"), Refusal.DEADLINE_PASSED),
        (Cancelled("gone"), Refusal.CALLER_GONE),
        (ServerDraining("leaving"), Refusal.DRAINING),
        (InvalidInput("shape"), None),
        (ModelFault("it raised"), None),
        (KeyError("a bug"), None),
    ],
)
def test_what_is_given_up_is_counted_by_its_reason_and_what_fails_is_not(
    error: Exception, refusal: Refusal | None
) -> None:
    records = Records()
    with (
        pytest.raises(Aborted),
        Calls(records, FakeClock(), lambda: ("m",)).frame("ModelInfer", cast("Context", FakeContext()), "m"),
    ):
        raise error
    assert records.calls.snapshot().refusals == ({("ModelInfer", "m", refusal): 1} if refusal else {})


def test_names_of_models_that_are_not_served_never_become_labels() -> None:
    records = Records()
    calls = Calls(records, FakeClock(), lambda: ("m",))
    for number in range(100):
        with pytest.raises(Aborted), calls.frame("ModelInfer", cast("Context", FakeContext()), f"made up {number}"):
            raise Overloaded("full", 1.0, refusal=Refusal.SERVER_FULL)
    found = records.calls.snapshot()
    assert list(found.series) == [("ModelInfer", "", 0)]
    assert list(found.refusals) == [("ModelInfer", "", Refusal.SERVER_FULL)]


def test_a_deadline_at_the_end_of_time_is_none() -> None:
    class Patient:
        def time_remaining(self) -> float:
            return 9.2e18

    assert seconds_left(cast("Context", Patient())) is None
