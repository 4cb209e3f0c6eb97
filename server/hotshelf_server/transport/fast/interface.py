"""All that is used of grpcio's insides. Written against grpcio 1.85; nothing else may import them.

`grpc.server` is Python code around ``grpc._cython.cygrpc``: its thread polls a completion queue for events, whose tags
are callables ``event → (what has ended or None, callbacks)``, or the names of registered methods. Tags of our own on
that queue are called by that same thread, so that its loop, start and shutdown stay the stock server's.
"""

from collections.abc import Callable, Iterable
from typing import Any

import grpc
from grpc import _server as stock
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # private, and so not in its types

Metadata = tuple[tuple[str, str | bytes], ...]
Tag = Callable[[Any], tuple[object | None, tuple[()]]]
"""Takes an event on the server's thread; gives the call that has ended with it, or None."""

NO_FLAGS = 0

STATE = ("completion_queue", "due", "lock", "registered_method_handlers", "rpc_states", "server", "stage")
OPERATIONS = (
    "ReceiveCloseOnServerOperation",
    "ReceiveMessageOperation",
    "SendInitialMetadataOperation",
    "SendMessageOperation",
    "SendStatusFromServerOperation",
)


class InterfaceChanged(Exception):
    """This grpcio is not as it is known here; the message says in what."""


class Interface:
    """One server's queue and calls."""

    def __init__(self, server: grpc.Server) -> None:
        """Raises `InterfaceChanged`."""
        state = getattr(server, "_state", None)
        missing = [name for name in STATE if not hasattr(state, name)]
        missing += [name for name in OPERATIONS if not hasattr(cygrpc, name)]
        if missing:
            raise InterfaceChanged(f"grpcio {grpc.__version__} has no {', '.join(missing)}")
        self._state: Any = state

    def take(self, methods: Iterable[str]) -> dict[str, Any]:
        """The handlers of methods, by full name, which the stock server then serves no more. Before its start."""
        handlers = self._state.registered_method_handlers
        missing = [method for method in methods if method not in handlers]
        if missing:
            raise InterfaceChanged(f"grpcio {grpc.__version__} registers no {', '.join(missing)}")
        return {method: handlers.pop(method) for method in methods}

    def give_back(self, handlers: dict[str, Any]) -> None:
        """Let the stock server serve them after all. Before its start."""
        self._state.registered_method_handlers.update(handlers)

    def request(self, method: str, tag: Tag) -> None:
        """Have a tag called with the next call of a method; after the start, each with a tag of its own."""
        state = self._state
        with state.lock:
            if state.stage is stock._ServerStage.STARTED:  # noqa: SLF001 - this file is the place for it
                state.due.add(tag)
                state.server.request_registered_call(state.completion_queue, state.completion_queue, method, tag)

    def requested(self, tag: Tag) -> None:
        """A tag was called: shutdown waits for it no more."""
        with self._state.lock:
            self._state.due.remove(tag)

    def begun(self, call: object) -> None:
        """Shutdown waits for a call from now on, until a tag gives it as ended."""
        with self._state.lock:
            self._state.rpc_states.add(call)


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
    """Send an answer, and status OK; ``with_end``: the tag is called when the call is over, too.

    Operations are never shared between calls: they hold the call's buffers.
    """
    operations = (
        cygrpc.SendInitialMetadataOperation(None, NO_FLAGS),
        cygrpc.SendMessageOperation(message, NO_FLAGS),
        cygrpc.SendStatusFromServerOperation(trailers, cygrpc.StatusCode.ok, b"", NO_FLAGS),
    )
    _start(call, operations, tag, with_end=with_end)


def refuse(
    call: Any, code: grpc.StatusCode, details: str, trailers: Metadata | None, tag: Tag, *, with_end: bool
) -> None:
    """Send a status alone."""
    operations = (
        cygrpc.SendInitialMetadataOperation(None, NO_FLAGS),
        cygrpc.SendStatusFromServerOperation(trailers, code.value[0], details.encode(), NO_FLAGS),
    )
    _start(call, operations, tag, with_end=with_end)


def _start(call: Any, operations: tuple[Any, ...], tag: Tag, *, with_end: bool) -> None:
    end = (cygrpc.ReceiveCloseOnServerOperation(NO_FLAGS),) if with_end else ()
    call.start_server_batch((*operations, *end), tag)
