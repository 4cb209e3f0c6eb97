"""A line in the log for a share of the calls, and for each that failed by the server's or the model's own fault."""

import itertools
import logging

from hotshelf_server.observability.ended_call import EndedCall
from hotshelf_server.observability.log_format import FIELDS
from hotshelf_server.observability.trace_context import sampled_trace

log = logging.getLogger("hotshelf_server.access")

FAULTS = frozenset({"INTERNAL", "UNKNOWN", "DATA_LOSS"})
"""Codes that are logged whatever the share."""


class AccessLog:
    """A `Witness`. Tells who was called and how it went, never what was sent or answered, nor any other metadata."""

    def __init__(self, share: float) -> None:
        """``share`` of the calls above 0, and up to 1 (all), evenly spaced."""
        self._share = share
        self._calls = itertools.count(1)

    def __call__(self, call: EndedCall) -> None:
        """Write the call down, if it is one of those to be logged."""
        number = next(self._calls)
        if call.code in FAULTS or int(number * self._share) > int((number - 1) * self._share):
            log.info("call", extra={FIELDS: _fields(call)})


def _fields(call: EndedCall) -> dict[str, str | int | float]:
    """Durations in milliseconds; what isn't known is left out."""
    fields: dict[str, str | int | float] = {"method": call.method}
    if call.model:
        fields["model"] = call.model
    if call.version is not None:
        fields["version"] = call.version.version
    fields |= {"code": call.code, "duration_ms": _milliseconds(call.seconds)}
    if call.times is not None:
        fields |= {"queue_ms": _milliseconds(call.times.queue), "compute_ms": _milliseconds(call.times.compute)}
        fields["rows"] = call.rows
    if call.request_id:
        fields["request_id"] = call.request_id
    if (trace := sampled_trace(call.metadata)) is not None:
        fields["trace_id"] = trace.trace_id
    return fields


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1e3, 3)
