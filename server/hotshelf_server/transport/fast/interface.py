"""All that is used of grpcio's insides. Written against grpcio 1.85; nothing else may import them.

`grpc.server` is Python code around ``grpc._cython.cygrpc``: its thread polls a completion queue for events and looks by
their tags what is to be done. Here another thread polls that queue: it calls the tags of this module, and hands all
other events to the stock server's own code, so that what isn't on the fast lane is served as ever.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import grpc
from grpc import _server as stock
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # private, and so not in its types

log = logging.getLogger(__name__)

Metadata = tuple[tuple[str, str | bytes], ...]

NO_FLAGS = 0
OK = grpc.StatusCode.OK.value[0]
STARTED = getattr(getattr(stock, "_ServerStage", None), "STARTED", None)
"""The stage of a server that serves."""

PAST = 0.0
"""A moment that has passed: who waits until then doesn't wait."""

LOOK_SECONDS = 1.0
"""How often the thread looks whether anybody still has the server, as the stock server's does."""

MOST_EVENTS = 96
"""Events that are looked at before what is to be done when idle is done all the same: on a busy queue it would wait for
ever. Of calls that all wait together, more than may."""

STATE = (
    "completion_queue",
    "due",
    "lock",
    "maximum_concurrent_rpcs",
    "registered_method_handlers",
    "server",
    "server_deallocated",
    "stage",
)
STOCK = (
    "_ServerStage",
    "_begin_shutdown_once",
    "_process_event_and_continue",
    "_request_call",
    "_request_registered_call",
    "_stop_serving",
)
OPERATIONS = (
    "ReceiveCloseOnServerOperation",
    "ReceiveMessageOperation",
    "SendInitialMetadataOperation",
    "SendMessageOperation",
    "SendStatusFromServerOperation",
)


class InterfaceChanged(Exception):
    """This grpcio is not as it is known here; the message says in what."""


class Tag:
    """What is told of an event. Told from the stock server's tags by its class, and no ABC: to ask for
    those takes long."""

    __slots__ = ()

    def on_event(self, event: Any) -> None:
        """It has come. Called on the server's thread."""
        raise NotImplementedError


class Interface:
    """One server's queue, its thread, and its calls."""

    def __init__(self, server: grpc.Server) -> None:
        """Raises `InterfaceChanged`."""
        state: Any = getattr(server, "_state", None)
        missing = [name for name in STATE if not hasattr(state, name)]
        missing += [name for name in STOCK if not hasattr(stock, name)]
        missing += [name for name in OPERATIONS if not hasattr(cygrpc, name)]
        if missing:
            raise InterfaceChanged(f"grpcio {grpc.__version__} has no {', '.join(missing)}")
        self._state: Any = state
        self.when_idle: Callable[[], None] | None = None
        """What is to be called, once, when no event waits, or after `MOST_EVENTS`."""
        self.held = 0
        """What shutdown waits for: calls that were asked for or run. Changed on the server's thread alone."""
        self.limit: int | None = state.maximum_concurrent_rpcs
        """Calls that may run at once; None for any number."""

    def take(self, methods: Iterable[str]) -> dict[str, Any]:
        """The handlers of methods, by full name, which the stock server then serves no more. Before its start."""
        handlers = self._state.registered_method_handlers
        missing = [method for method in methods if method not in handlers]
        if missing:
            raise InterfaceChanged(f"grpcio {grpc.__version__} registers no {', '.join(missing)}")
        return {method: handlers.pop(method) for method in methods}

    def start(self, begin: Callable[[], None]) -> None:
        """Start the server, with a thread of ours in place of its own; ``begin`` asks for the first calls."""
        state = self._state
        with state.lock:
            state.server.start()
            state.stage = STARTED
            for method in state.registered_method_handlers:
                stock._request_registered_call(state, method)  # noqa: SLF001 - as above
            stock._request_call(state)  # noqa: SLF001 - as above
            state.due.add(self)  # shutdown waits for all that is on the lane by this one entry
        begin()
        threading.Thread(target=self._serve, name="grpc", daemon=True).start()

    def request(self, method: str, tag: Tag) -> None:
        """Have a tag called with the next call of a method; with each, a tag of its own. Nothing once it stops."""
        state = self._state
        if state.stage is STARTED:
            try:
                state.server.request_registered_call(state.completion_queue, state.completion_queue, method, tag)
            except ValueError:  # it has begun to stop since
                return
            self.held += 1

    def _serve(self) -> None:
        state, now, lane = self._state, time.time, Tag  # looked up here once, and not for each event
        poll = state.completion_queue.poll
        passed = 0
        while True:
            if self.when_idle is None:
                event, passed = poll(now() + LOOK_SECONDS), 0
            elif passed < MOST_EVENTS:
                event, passed = _at_hand(poll), passed + 1
            else:
                event, passed = None, 0
            tag = None if event is None else event.tag
            try:
                if isinstance(tag, lane):
                    tag.on_event(event)
                elif not self._other(event, tag):
                    return
            except Exception:  # without this thread the server would answer nobody
                log.exception("a call of the fast lane can't be served")
            if self.held <= 0 and not self._goes_on():
                return
            # An event that is kept while the next is waited for keeps its call from ending.
            event = tag = None

    def _other(self, event: Any, tag: Any) -> bool:
        """An event that is none of the lane's, or a pause, in which none waits; whether the server goes on."""
        if tag is not None:
            return bool(stock._process_event_and_continue(self._state, event))  # noqa: SLF001 - this file is the place for it
        if self._state.server_deallocated:
            stock._begin_shutdown_once(self._state)  # noqa: SLF001 - this file is the place for it
        when_idle, self.when_idle = self.when_idle, None
        if when_idle is not None:
            when_idle()
        return True

    def _goes_on(self) -> bool:
        """Whether the stock server still waits for something, now that the lane does not."""
        state = self._state
        with state.lock:
            state.due.discard(self)
            return not stock._stop_serving(state)  # noqa: SLF001 - this file is the place for it


def _at_hand(poll: Callable[[float], Any]) -> Any:
    """An event that waits, be it still on a socket; without a tag where there is none."""
    event = poll(PAST)
    # Whoever polls first finds that it was woken, by what it did itself before, and looks at no socket.
    return poll(PAST) if event.tag is None else event


def receive(call: Any, tag: Tag) -> None:
    """Have a tag called with the request's message."""
    call.start_server_batch((cygrpc.ReceiveMessageOperation(NO_FLAGS),), tag)


def message_of(event: Any) -> bytes | None:
    """The message that was received; None where there was none, as when the caller has gone."""
    message: bytes | None = event.batch_operations[0].message()
    return message


def listen_for_end(call: Any, tag: Tag) -> None:
    """Have a tag called when the call is over, be it that the caller has gone."""
    call.start_server_batch((cygrpc.ReceiveCloseOnServerOperation(NO_FLAGS),), tag)


def was_cancelled(event: Any) -> bool:
    """Whether the caller had gone, for a tag of `listen_for_end`."""
    cancelled: bool = event.batch_operations[0].cancelled()
    return cancelled


def answer(call: Any, message: bytes, trailers: Metadata | None, tag: Tag, *, with_end: bool) -> None:
    """Send an answer, and status OK; ``with_end``: the tag is not called before the call is over.

    Operations are never shared between calls: they hold the call's buffers.
    """
    operations = [
        cygrpc.SendInitialMetadataOperation(None, NO_FLAGS),
        cygrpc.SendMessageOperation(message, NO_FLAGS),
        cygrpc.SendStatusFromServerOperation(trailers, OK, b"", NO_FLAGS),
    ]
    if with_end:
        operations.append(cygrpc.ReceiveCloseOnServerOperation(NO_FLAGS))
    call.start_server_batch(operations, tag)


def refuse(
    call: Any, code: grpc.StatusCode, details: str, trailers: Metadata | None, tag: Tag, *, with_end: bool
) -> None:
    """Send a status alone."""
    operations = [
        cygrpc.SendInitialMetadataOperation(None, NO_FLAGS),
        cygrpc.SendStatusFromServerOperation(trailers, code.value[0], details.encode(), NO_FLAGS),
    ]
    if with_end:
        operations.append(cygrpc.ReceiveCloseOnServerOperation(NO_FLAGS))
    call.start_server_batch(operations, tag)
