"""A collector of spans that speaks OTLP over gRPC."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector(TraceServiceServicer):
    """Keeps what it is sent. ``address`` is where."""

    def __init__(self) -> None:
        self.address = ""
        self.raw = b""
        self.resource: dict[str, str] = {}
        self._lock = threading.Lock()
        self._spans: list[Span] = []

    def Export(  # noqa: N802 - named by the contract
        self, request: ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> ExportTraceServiceResponse:
        with self._lock:
            self.raw += request.SerializeToString()
            for one in request.resource_spans:
                self.resource |= {each.key: each.value.string_value for each in one.resource.attributes}
                self._spans += [span for scope in one.scope_spans for span in scope.spans]
        return ExportTraceServiceResponse()

    def spans(self, name: str = "") -> list[Span]:
        """Those of a name, or all, in the order of their begin."""
        with self._lock:
            found = [span for span in self._spans if not name or span.name == name]
        return sorted(found, key=lambda span: span.start_time_unix_nano)


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens."""
    collector = Collector()
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]  # generated without types
        collector.address = f"http://localhost:{server.add_insecure_port('localhost:0')}"
        server.start()
        yield collector
        server.stop(0).wait()


def attributes(span: Span) -> dict[str, str | int]:
    """By name."""
    return {
        one.key: one.value.string_value if one.value.HasField("string_value") else one.value.int_value
        for one in span.attributes
    }
