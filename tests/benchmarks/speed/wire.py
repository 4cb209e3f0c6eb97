"""How a server is spoken to: the Open Inference Protocol over gRPC, or what else a peer takes."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from hotshelf_server.core.types import Array
from tests.benchmarks.speed.model import Model

Ask = Callable[[bytes], bytes]
"""Sends a request and returns the answer. Raises `Refused`."""
TIMEOUT = 60.0
"""Seconds of a call that is checked."""


class Refused(Exception):
    """A call that wasn't answered, and why."""


class Unreadable(Exception):
    """An answer without what was asked for."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One way.

    h2load posts ``posted`` of a request to ``path`` with ``headers``, over HTTP/1.1 or HTTP/2; content of an answer is
    ``prefix`` bytes longer than the answer itself. ``calling`` connects to a port of this machine; ``values`` takes
    the compared numbers out of an answer, and raises `Unreadable`.
    """

    path: str
    headers: Sequence[str]
    http1: bool
    prefix: int
    request: Callable[[Model, Array], bytes]
    posted: Callable[[bytes], bytes]
    calling: Callable[[int], AbstractContextManager[Ask]]
    values: Callable[[bytes, Model], Array]


@dataclass(frozen=True, slots=True)
class Target:
    """Where on this machine a server is, and how it is spoken to."""

    port: int
    wire: Wire
