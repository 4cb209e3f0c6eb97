"""What is known of a call when it has ended, for those who write it down elsewhere."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from hotshelf_server.core.types import Times, VersionId

Metadata = Iterable[tuple[str, str | bytes]]

REQUEST_ID = "x-request-id"
MAX_ID = 128


class EndedCall(NamedTuple):
    """One call. ``code`` is gRPC's; ``times`` are those of an answer; ``at`` is the end in seconds since the epoch."""

    method: str
    model: str
    version: VersionId | None
    code: str
    seconds: float
    times: Times | None
    rows: int
    request_id: str
    metadata: Metadata
    at: float


Witness = Callable[[EndedCall], None]
"""Hears of every call that ended, on the call's own thread: it must be quick, and wait for nothing."""


def request_id(identifier: str, metadata: Metadata) -> str:
    """What the caller calls the request: the message's id, else the metadata ``x-request-id``; printable and short."""
    found = identifier or next((str(value) for name, value in metadata if name == REQUEST_ID), "")
    return "".join(letter for letter in found[:MAX_ID] if letter.isprintable())
