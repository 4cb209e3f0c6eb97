"""Wraps every call of every service: times it, counts it, and turns what went wrong into a status."""

import logging
from collections.abc import Callable, Container, Mapping
from types import TracebackType

import grpc

from hotshelf_server.core.errors import blamed
from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.calls import CallCounts
from hotshelf_server.observability.traffic import Outcome
from hotshelf_server.services.status import DETAILS, code_of, details_of

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

MODEL_CALLS = frozenset({"ModelInfer", "ModelStreamInfer", "Recommend"})
"""Methods that let a model compute."""

Record = Callable[[VersionId, Outcome, float], None]
"""Takes the version that was asked, how the call ended, and its seconds."""


class Call:
    """One call, from its begin to its end: a context manager that lets no exception of ours reach grpc."""

    __slots__ = ("_asked", "_clock", "_context", "_counts", "_method", "_record", "_started", "model")

    def __init__(
        self, method: str, model: str, context: Context, counts: CallCounts, clock: Clock, *, record: Record
    ) -> None:
        self._method = method
        self._context = context
        self._counts = counts
        self._clock = clock
        self._record = record
        self._asked: VersionId | None = None
        self.model = model

    def answered_by(self, version: VersionId) -> None:
        """Which version the call is counted for; one that fails is counted for the version that its error names."""
        self._asked = version

    def __enter__(self) -> "Call":
        self._started = self._clock.monotonic()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        code = code_of(error) if isinstance(error, Exception) else grpc.StatusCode.OK
        seconds = self._clock.monotonic() - self._started
        asked = self._asked or blamed(error)
        self._counts.record(self._method, self.model, str(asked.version) if asked else "", code.name, seconds)
        if asked and self._method in MODEL_CALLS:
            self._record(asked, OUTCOMES.get(code, Outcome.REFUSED), seconds)
        if not isinstance(error, Exception):
            return
        if code is grpc.StatusCode.INTERNAL:
            log.error("%s failed", self._method, exc_info=error)
        details = details_of(error, code)
        self._context.set_trailing_metadata(((DETAILS, details.SerializeToString()),))
        self._context.abort(code, details.message)


class Calls:
    """Frames calls with what they all need."""

    def __init__(
        self,
        counts: CallCounts,
        clock: Clock,
        served: Callable[[], Container[str]],
        record: Record = lambda *_: None,
    ) -> None:
        """``served`` gives the names of the models that are served: only those become labels of metrics.

        ``record`` is told of each call that reached a version.
        """
        self._counts = counts
        self._clock = clock
        self._served = served
        self._record = record

    def frame(self, method: str, context: Context, model: str = "") -> Call:
        """Enter it with ``with``; an exception inside ends the call with the status of `services.status`."""
        label = model if model in self._served() else ""
        return Call(method, label, context, self._counts, self._clock, record=self._record)
