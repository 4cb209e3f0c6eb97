"""Which trace a call belongs to, by W3C Trace Context."""

import pytest

from hotshelf_server.observability.trace_context import TraceContext, sampled_trace

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def traceparent(version: str = "00", trace: str = TRACE, span: str = SPAN, flags: str = "01", more: str = "") -> str:
    return f"{version}-{trace}-{span}-{flags}{more}"


@pytest.mark.parametrize(
    "value",
    [
        traceparent(),
        traceparent(flags="03"),
        traceparent(version="01"),
        traceparent(version="cc", more="-what-comes-later"),
    ],
)
def test_a_trace_that_is_recorded_is_found_among_other_metadata(value: str) -> None:
    metadata = (("user-agent", "grpc-python"), ("traceparent", value), ("x-bin", b"\0"))
    assert sampled_trace(metadata) == TraceContext(TRACE, SPAN)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "no trace",
        b"\0",
        traceparent(flags="00"),
        traceparent(flags="02"),
        traceparent(version="ff"),
        traceparent(trace="0" * 32),
        traceparent(span="0" * 16),
        traceparent(trace=TRACE.upper()),
        traceparent(trace=TRACE[:-1]),
        traceparent(more="-more"),
        traceparent(more="\n"),
        traceparent(version="01", more="more"),
    ],
)
def test_what_is_no_trace_or_is_not_recorded_gives_none(value: str | bytes) -> None:
    assert sampled_trace([("traceparent", value)]) is None


def test_a_call_without_metadata_has_no_trace() -> None:
    assert sampled_trace(()) is None
