"""The trace that a call belongs to, as W3C Trace Context tells it in the metadata ``traceparent``.

https://www.w3.org/TR/trace-context/, section 3.2: ``version-traceid-parentid-flags`` in lower-case hexadecimal digits.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

TRACEPARENT = "traceparent"
PATTERN = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
"""Later versions may append fields; version 00 may not. No identifier is all zeros, no version is ff."""

SAMPLED = 1


class TraceContext(NamedTuple):
    """A trace, and the caller's span in it."""

    trace_id: str
    span_id: str


def sampled_trace(metadata: Iterable[tuple[str, str | bytes]]) -> TraceContext | None:
    """The trace of a call by its metadata; None without a valid one, and for one that its caller doesn't record."""
    for name, value in metadata:
        if name == TRACEPARENT:
            found = PATTERN.fullmatch(value) if isinstance(value, str) else None
            if found is None or (found[4] and found[0].startswith("00")) or not int(found[3], 16) & SAMPLED:
                return None
            return TraceContext(found[1], found[2])
    return None
