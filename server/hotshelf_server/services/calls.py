"""Wraps every call of every service: times it, counts it, and turns what went wrong into a status."""

import logging
from collections.abc import Callable, Container
from types import TracebackType

import grpc

from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.calls import CallCounts
from hotshelf_server.services.status import DETAILS, code_of, details_of

log = logging.getLogger(__name__)

Context = grpc.ServicerContext


class Call:
    """One call, from its begin to its end: a context manager that lets no exception of ours reach grpc."""

    __slots__ = ("_clock", "_context", "_counts", "_method", "_started", "model", "version")

    def __init__(self, method: str, model: str, context: Context, counts: CallCounts, clock: Clock) -> None:
        self._method = method
        self._context = context
        self._counts = counts
        self._clock = clock
        self.model = model
        self.version = ""

    def answered_by(self, version: VersionId) -> None:
        """Which version the call is counted for."""
        self.version = str(version.version)

    def __enter__(self) -> "Call":
        self._started = self._clock.monotonic()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        code = code_of(error) if isinstance(error, Exception) else grpc.StatusCode.OK
        seconds = self._clock.monotonic() - self._started
        self._counts.record(self._method, self.model, self.version, code.name, seconds)
        if not isinstance(error, Exception):
            return
        if code is grpc.StatusCode.INTERNAL:
            log.error("%s failed", self._method, exc_info=error)
        details = details_of(error, code)
        self._context.set_trailing_metadata(((DETAILS, details.SerializeToString()),))
        self._context.abort(code, details.message)


class Calls:
    """Frames calls with what they all need."""

    def __init__(self, counts: CallCounts, clock: Clock, served: Callable[[], Container[str]]) -> None:
        """``served`` gives the names of the models that are served: only those become labels of metrics."""
        self._counts = counts
        self._clock = clock
        self._served = served

    def frame(self, method: str, context: Context, model: str = "") -> Call:
        """Enter it with ``with``; an exception inside ends the call with the status of `services.status`."""
        return Call(method, model if model in self._served() else "", context, self._counts, self._clock)
