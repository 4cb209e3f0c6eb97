"""Twin of what lies beneath grpcio's Python: a queue of events, and calls that a test makes."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hotshelf_server.transport.fast.interface import PAST, STARTED, Interface

FOREVER = 9e18


class Idle(Exception):
    """No event is left, and none would ever come."""


class _Done(NamedTuple):
    """An operation that is done: of a message, or of the end of a call."""

    content: bytes = b""

    def message(self) -> bytes:
        return self.content

    def cancelled(self) -> bool:
        return False


class _Details(NamedTuple):
    deadline: float


class _Event(NamedTuple):
    tag: Any
    success: bool = True
    call: Any = None
    batch_operations: tuple[_Done, ...] = (_Done(),)
    invocation_metadata: tuple[tuple[str, str], ...] = ()
    call_details: _Details = _Details(FOREVER)


class _Call:
    """One call, which is over when an answer is sent."""

    __slots__ = ("_content", "_core", "_listening")

    def __init__(self, core: "FakeCore", content: bytes) -> None:
        self._core = core
        self._content = content
        self._listening: Any = None

    def start_server_batch(self, operations: Sequence[Any], tag: Any) -> None:
        match type(operations[0]).__name__:
            case "ReceiveMessageOperation":
                self._core.events.append(_Event(tag, batch_operations=(_Done(self._content),)))
            case "ReceiveCloseOnServerOperation":
                self._listening = tag
            case _:
                self._core.ended += 1
                self._core.events += [_Event(one) for one in (self._listening, tag) if one is not None]


class FakeCore:
    """Looks like a `grpc.Server` that isn't started, and is its own state and queue."""

    def __init__(self, handlers: dict[str, Any]) -> None:
        self._state = self.server = self.completion_queue = self
        self.registered_method_handlers = handlers
        self.due: set[Any] = set()
        self.lock = threading.RLock()
        self.server_deallocated = False
        self.maximum_concurrent_rpcs = None
        self.stage = STARTED
        self.requested: deque[Any] = deque()
        self.events: deque[_Event] = deque()
        self.ended = 0
        """Calls that were answered or refused."""

    def request_registered_call(self, _queue: Any, _same: Any, _method: str, tag: Any) -> None:
        self.requested.append(tag)

    def poll(self, deadline: float) -> _Event:
        if self.events:
            return self.events.popleft()
        if deadline == PAST:
            return _Event(None)
        raise Idle

    def come(self, content: bytes) -> None:
        """A call comes with this message."""
        self.events.append(_Event(self.requested.popleft(), call=_Call(self, content)))


def serve(interface: Interface) -> Callable[[], None]:
    """What serves all that has come, on the thread that calls it."""

    def until_idle() -> None:
        try:
            interface._serve()
        except Idle:
            return

    return until_idle
