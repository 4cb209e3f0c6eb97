"""Calls of the fast lane, from the queue and back."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import grpc

from hotshelf_server.execution.job import WouldWait
from hotshelf_server.transport.fast import interface
from hotshelf_server.transport.fast.context import Aborted, LaneContext
from hotshelf_server.transport.fast.interface import Interface

log = logging.getLogger(__name__)

OUTSTANDING = 32
"""Calls of a method that are asked for ahead, so that none waits for the thread to ask."""

Ended = tuple[object | None, tuple[()]]
GOES_ON: Ended = (None, ())


@dataclass(frozen=True, slots=True)
class FastMethod:
    """``at_once`` tells, of a request and its size in bytes, whether it may be answered on the server's thread; all
    others are answered on the pool."""

    at_once: Callable[[Any, int], bool]
    pool: Executor


class FastLane:
    """Serves methods of a server that isn't started yet."""

    def __init__(self, server: grpc.Server, methods: Mapping[str, FastMethod]) -> None:
        """``methods`` by full name, ``/package.Service/Method``. Raises `InterfaceChanged`."""
        self._interface = Interface(server)
        handlers = self._interface.take(methods)
        self._methods = [_Method(name, handlers[name], method, self._interface) for name, method in methods.items()]

    def start(self) -> None:
        """Ask for calls. To be called after the server's start."""
        for method in self._methods:
            for _ in range(OUTSTANDING):
                _Begin(method).ask()


def _as_it_is(content: Any) -> Any:
    """For handlers that take and give bytes."""
    return content


class _Method:
    __slots__ = ("at_once", "behaviour", "deserialize", "interface", "name", "pool", "serialize")

    def __init__(self, name: str, handler: Any, method: FastMethod, interface: Interface) -> None:
        self.name = name
        self.behaviour: Callable[[Any, LaneContext], Any] = handler.unary_unary
        self.deserialize: Callable[[bytes], Any] = handler.request_deserializer or _as_it_is
        self.serialize: Callable[[Any], bytes] = handler.response_serializer or _as_it_is
        self.at_once = method.at_once
        self.pool = method.pool
        self.interface = interface


class _Begin:
    """The tag of a call that is to come, used again and again."""

    __slots__ = ("_method",)

    def __init__(self, method: _Method) -> None:
        self._method = method

    def ask(self) -> None:
        self._method.interface.request(self._method.name, self)

    def __call__(self, event: Any) -> Ended:
        method = self._method
        method.interface.requested(self)
        if not event.success:  # the server stops: the stock code looks whether this was the last it waited for
            method.interface.begun(self)
            return self, ()
        self.ask()
        call = _Call(method, event)
        method.interface.begun(call)
        interface.receive(event.call, call.on_message)
        return GOES_ON


class _Call:
    """One call. All of it runs on the server's thread, but `_run` for those that are handed over."""

    __slots__ = ("_call", "_context", "_due", "_method")

    def __init__(self, method: _Method, event: Any) -> None:
        self._method = method
        self._call = event.call
        self._context = LaneContext(event.invocation_metadata, event.call_details.deadline)
        self._due = 1

    def on_message(self, event: Any) -> Ended:
        content = interface.message_of(event)
        if content is None:
            self._refuse(grpc.StatusCode.CANCELLED, "no message came")
            return GOES_ON
        try:
            request = self._method.deserialize(content)
        except Exception:
            log.debug("a message of %s can't be read", self._method.name, exc_info=True)
            self._refuse(grpc.StatusCode.INTERNAL, "Exception deserializing request!")
            return GOES_ON
        if not self._is_at_once(request, len(content)) or not self._run(request):
            self._hand_over(request)
        return GOES_ON

    def _is_at_once(self, request: Any, size: int) -> bool:
        try:
            return self._method.at_once(request, size)
        except Exception:  # what is raised here would end the thread that the whole server hangs on
            log.exception("%s can't be judged, and goes the slower way", self._method.name)
            return False

    def _hand_over(self, request: Any) -> None:
        self._context.at_once = False
        self._due = 2
        interface.listen_for_end(self._call, self._on_over)
        try:
            self._method.pool.submit(self._run, request)
        except RuntimeError:  # it was shut down: the server is about to end
            self._refuse(grpc.StatusCode.UNAVAILABLE, "the server is stopping")

    def _run(self, request: Any) -> bool:
        """Answer; False when that would have to wait, and nothing was done."""
        context = self._context
        try:
            response = self._method.behaviour(request, context)
            content = self._method.serialize(response)
        except WouldWait:
            return False
        except Aborted:
            self._refuse(context.code or grpc.StatusCode.UNKNOWN, context.details)
        except Exception:
            log.exception("%s failed", self._method.name)
            self._refuse(grpc.StatusCode.UNKNOWN, "the service failed; the server's log has it")
        else:
            interface.answer(self._call, content, context.trailers, self._on_sent, with_end=context.at_once)
        return True

    def _refuse(self, code: grpc.StatusCode, details: str) -> None:
        context = self._context
        interface.refuse(self._call, code, details, context.trailers, self._on_sent, with_end=context.at_once)

    def _on_over(self, event: Any) -> Ended:
        if interface.was_cancelled(event):
            self._context.over()
        return self._ended()

    def _on_sent(self, _: Any) -> Ended:
        return self._ended()

    def _ended(self) -> Ended:
        self._due -= 1
        return GOES_ON if self._due else (self, ())
