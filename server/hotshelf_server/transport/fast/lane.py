"""Calls of the fast lane, from the queue and back."""

import logging
import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol

import grpc

from hotshelf_server.execution.job import WouldWait
from hotshelf_server.transport.fast import interface
from hotshelf_server.transport.fast.context import Aborted, LaneContext
from hotshelf_server.transport.fast.interface import Interface, Tag

log = logging.getLogger(__name__)

OUTSTANDING = 32
"""Calls of a method that are asked for ahead, so that none waits for the thread to ask."""


Reply = Callable[[bytes | None], None]
"""Takes the answer to a message; None for one that is to go the usual way after all."""


class Shortcut(Protocol):
    """From a message to its answer, for messages whose like was answered before."""

    @property
    def waiting(self) -> bool:
        """Whether calls wait for `finish`."""
        ...

    def take(self, content: bytes, deadline: float, reply: Reply) -> bool:
        """Whether a message is taken, and so replied to now or at the latest with `finish`; False for one that is to go
        the usual way. ``deadline``: seconds since the epoch."""
        ...

    def finish(self) -> None:
        """Reply to what waits. Called when there is nothing else to do."""
        ...

    def learn(self, content: bytes, request: Any, response: Any) -> None:
        """Hear how a message was answered."""
        ...


@dataclass(frozen=True, slots=True)
class FastMethod:
    """``at_once`` tells, of a request and its size in bytes, whether it may be answered on the server's thread; all
    others are answered on the pool. What a ``shortcut`` answers is never read."""

    at_once: Callable[[Any, int], bool]
    pool: Executor
    shortcut: Shortcut | None = None


class FastLane:
    """Serves methods of a server that isn't started yet."""

    def __init__(self, server: grpc.Server, methods: Mapping[str, FastMethod]) -> None:
        """``methods`` by full name, ``/package.Service/Method``. Raises `InterfaceChanged`."""
        self._interface = Interface(server)
        handlers = self._interface.take(methods)
        limit = self._interface.limit
        most = math.inf if limit is None else limit + OUTSTANDING * len(methods)
        self._methods = [
            _Method(name, handlers[name], method, self._interface, most) for name, method in methods.items()
        ]

    def start(self) -> None:
        """Start the server."""
        self._interface.start(self._ask)

    def _ask(self) -> None:
        for method in self._methods:
            for _ in range(OUTSTANDING):
                _Begin(method).ask()


def _as_it_is(content: Any) -> Any:
    """For handlers that take and give bytes."""
    return content


class _Method:
    __slots__ = ("at_once", "behaviour", "deserialize", "interface", "most", "name", "pool", "serialize", "shortcut")

    def __init__(self, name: str, handler: Any, method: FastMethod, interface: Interface, most: float) -> None:
        """``most``: calls that may run, and those that are asked for ahead."""
        self.name = name
        self.most = most
        self.behaviour: Callable[[Any, LaneContext], Any] = handler.unary_unary
        self.deserialize: Callable[[bytes], Any] = handler.request_deserializer or _as_it_is
        self.serialize: Callable[[Any], bytes] = handler.response_serializer or _as_it_is
        self.at_once = method.at_once
        self.pool = method.pool
        self.shortcut = method.shortcut
        self.interface = interface


class _Begin(Tag):
    """A call that is to come, asked for again and again."""

    __slots__ = ("_method",)

    def __init__(self, method: _Method) -> None:
        self._method = method

    def ask(self) -> None:
        self._method.interface.request(self._method.name, self)

    def on_event(self, event: Any) -> None:
        """The call has come, or the server stops."""
        method = self._method
        method.interface.held -= 1
        if event.success:  # else the server stops
            self.ask()
            method.interface.held += 1
            call = _Call(method, event)
            if method.interface.held > method.most:
                call.turn_away()
            else:
                interface.receive(event.call, call)


class _Call(Tag):
    """One call. All of it runs on the server's thread, but `_run` for those that are handed over."""

    __slots__ = ("_call", "_content", "_context", "_deadline", "_due", "_metadata", "_method", "_read")

    _content: bytes
    _context: LaneContext

    def __init__(self, method: _Method, event: Any) -> None:
        self._method = method
        self._call = event.call
        self._metadata = event.invocation_metadata
        self._deadline = event.call_details.deadline
        self._due = 1
        self._read = False

    def on_event(self, event: Any) -> None:
        """The message has come; after it, the answer is sent and the call is over."""
        if self._read:
            self.on_end()
        else:
            self._read = True
            self._on_message(event)

    def turn_away(self) -> None:
        """One call too many: its message isn't even read. In the words of the stock server."""
        self._read = True
        self._context = LaneContext(self._metadata, self._deadline)
        self._refuse(grpc.StatusCode.RESOURCE_EXHAUSTED, "Concurrent RPC limit exceeded!")

    def on_over(self, *, cancelled: bool) -> None:
        """The call is over before it was known whether the answer is sent."""
        if cancelled:
            self._context.over()
        self.on_end()

    def on_end(self) -> None:
        """One thing less is due for this call."""
        self._due -= 1
        if not self._due:
            self._method.interface.held -= 1

    def _on_message(self, event: Any) -> None:
        method = self._method
        content = interface.message_of(event)
        if content is not None and method.shortcut is not None:
            self._content = content
            if method.shortcut.take(content, self._deadline, self.reply):
                method.interface.when_idle = method.shortcut.finish if method.shortcut.waiting else None
                return
        self._go(content)

    def reply(self, answer: bytes | None) -> None:
        """Send an answer; None: make one."""
        if answer is None:
            self._go(self._content)
        else:
            interface.answer(self._call, answer, None, self, with_end=True)

    def _go(self, content: bytes | None) -> None:
        """The usual way."""
        method = self._method
        self._context = LaneContext(self._metadata, self._deadline)
        if content is None:
            self._refuse(grpc.StatusCode.CANCELLED, "no message came")
            return
        try:
            request = method.deserialize(content)
        except Exception:
            log.debug("a message of %s can't be read", method.name, exc_info=True)
            self._refuse(grpc.StatusCode.INTERNAL, "Exception deserializing request!")
            return
        if not self._is_at_once(request, len(content)) or not self._run(request, content):
            self._hand_over(request)

    def _is_at_once(self, request: Any, size: int) -> bool:
        try:
            return self._method.at_once(request, size)
        except Exception:  # what is raised here would end the thread that the whole server hangs on
            log.exception("%s can't be judged, and goes the slower way", self._method.name)
            return False

    def _hand_over(self, request: Any) -> None:
        self._context.at_once = False
        self._due = 2
        interface.listen_for_end(self._call, _Over(self))
        try:
            self._method.pool.submit(self._run, request, None)
        except RuntimeError:  # it was shut down: the server is about to end
            self._refuse(grpc.StatusCode.UNAVAILABLE, "the server is stopping")

    def _run(self, request: Any, content: bytes | None) -> bool:
        """Answer; False when that would have to wait, and nothing was done. ``content`` is what may be learned from."""
        context, method = self._context, self._method
        try:
            response = method.behaviour(request, context)
            answer = method.serialize(response)
        except WouldWait:
            return False
        except Aborted:
            self._refuse(context.code or grpc.StatusCode.UNKNOWN, context.details)
        except Exception:
            log.exception("%s failed", method.name)
            self._refuse(grpc.StatusCode.UNKNOWN, "the service failed; the server's log has it")
        else:
            interface.answer(self._call, answer, context.trailers, self, with_end=context.at_once)
            if content is not None and method.shortcut is not None:
                method.shortcut.learn(content, request, response)
        return True

    def _refuse(self, code: grpc.StatusCode, details: str) -> None:
        context = self._context
        interface.refuse(self._call, code, details, context.trailers, self, with_end=context.at_once)


class _Over(Tag):
    """The end of a call that was handed over, be it that the caller has gone."""

    __slots__ = ("_of",)

    def __init__(self, of: _Call) -> None:
        self._of = of

    def on_event(self, event: Any) -> None:
        """It is over."""
        self._of.on_over(cancelled=interface.was_cancelled(event))
