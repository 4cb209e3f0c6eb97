"""The responses of a class that gave an iterator: each is taken from the worker when it is wanted."""

from collections.abc import Callable

from hotshelf_server.core.types import Response, Responses
from hotshelf_server.runtimes.python.wire import Message


class WorkerResponses(Responses):
    """Holds the worker until the last response was taken, something went wrong, or it is closed."""

    def __init__(
        self,
        first: Message,
        held: Callable[[Response], Response],
        hear: Callable[[], Message],
        stop: Callable[[], None],
        release: Callable[[], None],
    ) -> None:
        """``held`` checks a response, ``hear`` gives the worker's next message, ``stop`` ends the call early, and
        ``release`` frees the worker."""
        self._next: Message | None = first
        self._held = held
        self._hear = hear
        self._stop = stop
        self._release = release
        self._open = True

    def __iter__(self) -> "WorkerResponses":
        return self

    def __next__(self) -> Response:
        if not self._open:
            raise StopIteration
        try:
            message = self._next or self._hear()
        except BaseException:
            self._end()
            raise
        self._next = None
        if message.kind != "response":
            self._end()
            raise StopIteration
        return self._held(Response(message.tensors, message.parameters))

    def close(self) -> None:
        """Want no more."""
        if self._open:
            try:
                if self._next is None or self._next.kind == "response":
                    self._stop()
            finally:
                self._end()

    def __del__(self) -> None:
        self.close()

    def _end(self) -> None:
        self._open = False
        self._release()
