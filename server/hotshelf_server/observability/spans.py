"""Spans of calls for OpenTelemetry, sent over OTLP.

Spans are made when a call has ended, of the times that were taken anyway, so that a call pays for them after its answer
is made, and only with tracing on. A call belongs to the trace that its caller names in the metadata ``traceparent``
(W3C Trace Context), and is recorded if that is; without one, a share of the calls begin traces of their own.
"""

import threading
from collections.abc import Iterator
from typing import NamedTuple

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from hotshelf_server.core.types import Joined, Times
from hotshelf_server.observability.ended_call import EndedCall, Metadata

CODES = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
    *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED"),
    *("INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
)
"""By number."""

FAULTS = frozenset({"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"})
"""Codes that make a server's span an error: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/."""

FLUSH_MILLISECONDS = 2_000
TRACE_HEADERS = frozenset({"traceparent", "tracestate"})


class _Stage(NamedTuple):
    name: str
    seconds: float


class Spans:
    """A `Witness`. Spans wait in a bounded queue, and are dropped where the collector can't keep up."""

    def __init__(self, exporter: SpanExporter, share: float, version: str) -> None:
        """``share`` of the calls without a caller's trace, from 0 to 1; ``version`` is the server's own."""
        resource = Resource.create({"service.name": "hotshelf-server", "service.version": version})
        self._provider = TracerProvider(ParentBased(TraceIdRatioBased(share)), resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("hotshelf_server", version)
        self._propagator = TraceContextTextMapPropagator()
        self._lock = threading.Lock()

    def __call__(self, call: EndedCall) -> None:
        """Make the spans of a call, if it is recorded."""
        end = int(call.at * 1e9)
        start = end - int(call.seconds * 1e9)
        span = self._tracer.start_span(call.method, self._parent(call.metadata), SpanKind.SERVER, start_time=start)
        if span.is_recording():
            span.set_attributes(_attributes(call))
            if call.code in FAULTS:
                span.set_status(StatusCode.ERROR, call.code)
            if call.times is not None:
                self._stages(span, start, call.times)
        span.end(end)

    def close(self) -> None:
        """Send what waits, for a bounded time, and make no more."""
        self._provider.force_flush(FLUSH_MILLISECONDS)
        self._provider.shutdown()

    def _parent(self, metadata: Metadata) -> Context:
        carrier = {name: value for name, value in metadata if name in TRACE_HEADERS and isinstance(value, str)}
        return self._propagator.extract(carrier, Context())

    def _stages(self, span: Span, start: int, times: Times) -> None:
        """One child for each stage of an answer, one after the other."""
        context = set_span_in_context(span, Context())
        for stage in _passed(times):
            end = start + int(stage.seconds * 1e9)
            links = self._batch_of(context, times.joined, start, end) if stage.name == "compute" else ()
            self._tracer.start_span(stage.name, context, links=links, start_time=start).end(end)
            start = end

    def _batch_of(self, context: Context, joined: Joined | None, start: int, end: int) -> tuple[Link, ...]:
        """A link to the span of the batch. The first of its calls that is recorded has it in its trace."""
        if joined is None:
            return ()
        with self._lock:
            if joined.span is None:
                size: dict[str, AttributeValue] = {"hotshelf.calls": joined.calls, "hotshelf.rows": joined.rows}
                batch = self._tracer.start_span("batch", context, attributes=size, start_time=start)
                batch.end(end)
                joined.span = batch.get_span_context()
        return (Link(joined.span),)


def spans(endpoint: str, share: float, version: str) -> Spans:
    """Spans that go to a collector at an address such as ``http://collector:4317``; ``https`` for one with TLS."""
    return Spans(OTLPSpanExporter(endpoint, insecure=endpoint.startswith("http://")), share, version)


def _passed(times: Times) -> Iterator[_Stage]:
    for name in ("decode", "queue", "join", "compute", "part", "encode"):
        seconds = getattr(times, name)
        if seconds > 0:
            yield _Stage(name, seconds)


def _attributes(call: EndedCall) -> dict[str, AttributeValue]:
    """By the conventions of OpenTelemetry where they have a name. Never anything that was sent or answered."""
    found: dict[str, AttributeValue] = {
        "rpc.system": "grpc",
        "rpc.method": call.method,
        "rpc.grpc.status_code": CODES.index(call.code),
        "hotshelf.rows": call.rows,
    }
    if call.model:
        found["hotshelf.model"] = call.model
    if call.version is not None:
        found["hotshelf.version"] = call.version.version
    if call.request_id:
        found["hotshelf.request_id"] = call.request_id
    return found
