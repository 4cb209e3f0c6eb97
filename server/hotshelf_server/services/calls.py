"""Wraps every call of every service: times it, counts it, and turns what went wrong into a status."""

import logging
from collections.abc import Callable, Container, Mapping, Sequence
from types import TracebackType

import grpc

from hotshelf_server.core.errors import HotshelfError
from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.execution.job import WouldWait
from hotshelf_server.observability.calls import MODEL_CALLS, Place
from hotshelf_server.observability.ended_call import EndedCall, Metadata, Witness, request_id
from hotshelf_server.observability.histogram import Exemplar
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.trace_context import sampled_trace
from hotshelf_server.observability.traffic import Outcome
from hotshelf_server.services.status import code_of, refuse

log = logging.getLogger(__name__)

Context = grpc.ServicerContext

OUTCOMES: Mapping[grpc.StatusCode, Outcome] = {
    grpc.StatusCode.OK: Outcome.OK,
    grpc.StatusCode.INTERNAL: Outcome.FAILED,
    grpc.StatusCode.UNAVAILABLE: Outcome.FAILED,
    grpc.StatusCode.DEADLINE_EXCEEDED: Outcome.FAILED,
    grpc.StatusCode.UNKNOWN: Outcome.FAILED,
    grpc.StatusCode.DATA_LOSS: Outcome.FAILED,
}
"""What a status says of the version that was asked; every other status is `Outcome.REFUSED`."""

FOREVER = 10.0 * 365 * 24 * 3600
"""Seconds from which on a deadline is none: gRPC gives a call without one the end of time."""


def seconds_left(context: Context) -> float | None:
    """The time to the caller's deadline; None without one."""
    left: float | None = context.time_remaining()
    return None if left is None or left > FOREVER else left


def at_once(context: Context) -> bool:
    """Whether the call runs where it may not wait."""
    return bool(getattr(context, "at_once", False))


class Call:
    """One call, from its begin to its end: a context manager that ends it with a status when something goes wrong."""

    __slots__ = (
        "_clock",
        "_context",
        "_metadata_of",
        "_records",
        "_responded_at",
        "_witnesses",
        "computed",
        "decoded_at",
        "id",
        "method",
        "model",
        "rows",
        "started",
        "times",
        "version",
    )

    def __init__(
        self,
        method: str,
        model: str,
        context: Context | None,
        records: Records,
        clock: Clock,
        *,
        metadata_of: Context | None,
        witnesses: Sequence[Witness],
    ) -> None:
        """Without a context the error is left to whoever entered the frame; ``metadata_of`` has the call's metadata."""
        self.method = method
        self.model = model
        self.version: VersionId | None = None
        self.times: Times | None = None
        self.started = self.decoded_at = self.computed = self._responded_at = 0.0
        self.rows = 1
        self.id = ""
        self._context = context
        self._metadata_of = metadata_of
        self._witnesses = witnesses
        self._records = records
        self._clock = clock

    def routed(self, version: VersionId) -> None:
        """Which version the call is counted for."""
        self.version = version

    def decoded(self) -> None:
        """The message was understood."""
        self.decoded_at = self._clock.monotonic()

    def answered(self, times: Times, rows: int = 1, identifier: str = "") -> None:
        """The answer was computed; what is left of the call is spent on its message."""
        self.computed = self._clock.monotonic()
        self.times = times
        times.decode = self.decoded_at - self.started
        self.rows = rows
        self.id = identifier

    def responded(self, place: int) -> None:
        """One of several responses was computed."""
        now = self._clock.monotonic()
        if self.version is not None:
            self._records.statistics.responded(self.version, place, now - self._responded_at)
        self._responded_at = now

    def __enter__(self) -> "Call":
        self.started = self.decoded_at = self._responded_at = self._clock.monotonic()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self._record(grpc.StatusCode.OK)
            return
        if isinstance(error, WouldWait):
            return  # it is begun anew, and counted then
        if not isinstance(error, Exception):
            # The end of a stream that nobody reads any more: there is no one to refuse.
            self._record(grpc.StatusCode.CANCELLED)
            return
        code = code_of(error)
        self._record(code)
        if isinstance(error, HotshelfError) and error.refusal is not None:
            self._records.calls.refused(self.method, self.model, error.refusal)
        if code is grpc.StatusCode.INTERNAL:
            log.error("%s failed", self.method, exc_info=error)
        if self._context is not None:
            refuse(self._context, error)

    def _record(self, code: grpc.StatusCode) -> None:
        end = self._clock.monotonic()
        seconds = end - self.started
        version = self.version
        key = (self.method, self.model, 0 if version is None else version.version)
        place = self._records.calls.record(key, code.name, seconds, self.times, end)
        if place is not None:
            self._exemplify(place, seconds)
        if version is not None:
            self._record_version(version, code, end, seconds)
        if self._witnesses:
            self._tell(code, seconds)

    def _record_version(self, version: VersionId, code: grpc.StatusCode, end: float, seconds: float) -> None:
        if self.method in MODEL_CALLS:
            self._records.traffic.record(version, OUTCOMES.get(code, Outcome.REFUSED), seconds)
        if code is not grpc.StatusCode.OK:
            self._records.statistics.failed(version, seconds)
        elif self.times is not None:
            self.times.total = seconds
            self.times.encode = end - self.computed
            self._records.statistics.answered(version, self.rows, self.times, self._clock.now())
            self._records.tracer.trace(self.method, version, self.id, self.times)

    def _exemplify(self, place: Place, seconds: float) -> None:
        """Let a bucket of the durations lead to this call's trace, if it has one."""
        trace = sampled_trace(self._metadata())
        if trace is not None:
            exemplar = Exemplar(trace.trace_id, trace.span_id, seconds, self._clock.now())
            place.histogram.exemplars[place.bucket] = exemplar

    def _tell(self, code: grpc.StatusCode, seconds: float) -> None:
        metadata = self._metadata()
        ended = EndedCall(
            method=self.method,
            model=self.model,
            version=self.version,
            code=code.name,
            seconds=seconds,
            times=self.times,
            rows=self.rows,
            request_id=request_id(self.id, metadata),
            metadata=metadata,
            at=self._clock.now(),
        )
        for witness in self._witnesses:
            witness(ended)

    def _metadata(self) -> Metadata:
        return self._metadata_of.invocation_metadata() if self._metadata_of is not None else ()


class Calls:
    """Frames calls with what they all need."""

    def __init__(
        self,
        records: Records,
        clock: Clock,
        served: Callable[[], Container[str]],
        witnesses: Sequence[Witness] = (),
    ) -> None:
        """``served`` gives the names of the models that are served: only those become labels of metrics; ``witnesses``
        hear of every call that ended."""
        self._records = records
        self._clock = clock
        self._served = served
        self._witnesses = witnesses

    def frame(self, method: str, context: Context | None, model: str = "") -> Call:
        """Enter it with ``with``; an exception inside ends the call with the status of `services.status`."""
        return self._call(method, context, model, context)

    def frame_in(self, stream: Context, method: str, model: str) -> Call:
        """The frame of one request of a stream, which may go wrong without ending it."""
        return self._call(method, None, model, stream)

    def _call(self, method: str, context: Context | None, model: str, metadata_of: Context | None) -> Call:
        return Call(
            method,
            model if model in self._served() else "",
            context,
            self._records,
            self._clock,
            metadata_of=metadata_of,
            witnesses=self._witnesses,
        )
