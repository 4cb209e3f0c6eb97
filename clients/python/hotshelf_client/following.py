"""A channel that can look its name up anew while it is used.

gRPC does that only when a connection breaks, so that a server that was added gets no calls. Here calls go to a line, a
gRPC channel to the name; renewing makes another line, which looks the name up, takes the calls that come, and shares
the connections that there are: gRPC keeps one for each target, address and set of options. The line before is closed
once its own calls have ended.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, Self

import grpc

READY_SECONDS = 5.0
"""How long a new line may take to reach a server; otherwise all stays as it was."""

Key = tuple[str, str]
"""Kind and name of a method."""


class Line:
    """One channel, with the number of its calls that run."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.channel = channel
        self.calls = 0
        self.methods: dict[Key, Any] = {}


class FollowingChannel(grpc.Channel):
    """Calls servers whose name can lead elsewhere; may be shared by threads."""

    def __init__(self, open_line: Callable[[], grpc.Channel]) -> None:
        """``open_line`` makes a channel, always to the same target."""
        self._open_line = open_line
        self._lock = threading.Lock()
        self._lines = [Line(open_line())]  # the last takes calls, those before it only finish theirs
        self._used = False
        self._closed = False

    def renew(self, ready_seconds: float = READY_SECONDS) -> bool:
        """Look the name up again: whether calls that come go where it leads now.

        A channel that was never used needs no renewal: it looks the name up at its first call.
        """
        if not self._used or self._closed:
            return True
        line = Line(self._open_line())
        ready = _ready(line.channel, ready_seconds)
        with self._lock:
            taken = ready and not self._closed
            if taken:
                self._lines.append(line)
        if not taken:
            line.channel.close()
        return taken

    def tidy(self) -> None:
        """Close the lines that were left and have ended."""
        with self._lock:
            ended = [line for line in self._lines[:-1] if not line.calls]
            self._lines = [line for line in self._lines if line not in ended]
        for line in ended:
            line.channel.close()

    def take(self) -> Line:
        """The line for one call, which `give_back` must follow."""
        with self._lock:
            self._used = True
            line = self._lines[-1]
            line.calls += 1
            return line

    def give_back(self, line: Line) -> None:
        """The call has ended."""
        with self._lock:
            line.calls -= 1

    def close(self) -> None:
        """Calls that run are cancelled, others refused with `ValueError`."""
        with self._lock:
            self._closed = True
            lines = list(self._lines)
        for line in lines:
            line.channel.close()

    def unary_unary(self, method: str, *serializers: Any, **options: Any) -> Any:
        """As gRPC's."""
        return Whole(self, ("unary_unary", method), serializers, options)

    def unary_stream(self, method: str, *serializers: Any, **options: Any) -> Any:
        """As gRPC's."""
        return Parts(self, ("unary_stream", method), serializers, options)

    def stream_unary(self, method: str, *serializers: Any, **options: Any) -> Any:
        """As gRPC's."""
        return Whole(self, ("stream_unary", method), serializers, options)

    def stream_stream(self, method: str, *serializers: Any, **options: Any) -> Any:
        """As gRPC's."""
        return Parts(self, ("stream_stream", method), serializers, options)

    def subscribe(self, callback: Any, try_to_connect: Any = False) -> NoReturn:  # noqa: FBT002 - gRPC's own signature
        """Not to be had: each line has a connectivity of its own."""
        raise NotImplementedError("a channel that follows a name has no connectivity of its own")

    def unsubscribe(self, callback: Any) -> None:
        """Nobody can have subscribed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _ready(channel: grpc.Channel, seconds: float) -> bool:
    future = grpc.channel_ready_future(channel)
    try:
        future.result(timeout=seconds)
    except grpc.FutureTimeoutError:
        future.cancel()
        return False
    return True


class _Method:
    """One method; each call goes to the line of its moment."""

    def __init__(
        self, channel: FollowingChannel, key: Key, serializers: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        self._channel = channel
        self._key = key
        self._serializers = serializers
        self._options = options

    def _on(self, line: Line) -> Any:
        if (found := line.methods.get(self._key)) is None:
            kind, name = self._key
            found = getattr(line.channel, kind)(name, *self._serializers, **self._options)
            line.methods[self._key] = found
        return found

    def _start(self, begin: Callable[[Any], Any]) -> Any:
        """A call that goes on after this, which gives its line back when it ends."""
        line = self._channel.take()
        try:
            call = begin(self._on(line))
        except BaseException:
            self._channel.give_back(line)
            raise
        if not call.add_callback(partial(self._channel.give_back, line)):
            self._channel.give_back(line)
        return call


class Whole(_Method):
    """A method with one answer."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """The answer."""
        line = self._channel.take()
        try:
            return self._on(line)(*arguments, **options)
        finally:
            self._channel.give_back(line)

    def with_call(self, *arguments: Any, **options: Any) -> Any:
        """The answer, and the call that it came by."""
        line = self._channel.take()
        try:
            return self._on(line).with_call(*arguments, **options)
        finally:
            self._channel.give_back(line)

    def future(self, *arguments: Any, **options: Any) -> Any:
        """The call, which has its answer later."""
        return self._start(lambda method: method.future(*arguments, **options))


class Parts(_Method):
    """A method that answers in parts."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """The call, which its answers are read from."""
        return self._start(lambda method: method(*arguments, **options))
