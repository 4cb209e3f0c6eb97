"""What services see of a call on the fast lane: as much of ``grpc.ServicerContext`` as they use."""

import threading
import time
from collections.abc import Callable
from typing import NoReturn

import grpc

from hotshelf_server.transport.fast.interface import Metadata


class Aborted(Exception):
    """A service has ended the call with a status."""


class LaneContext:
    """One call. ``at_once``: it runs on the server's own thread, and may not wait there."""

    __slots__ = ("_callbacks", "_deadline", "_lock", "_metadata", "at_once", "code", "details", "trailers")

    def __init__(self, metadata: Metadata, deadline: float) -> None:
        """``deadline`` is in seconds since the epoch; the end of time where there is none."""
        self._metadata = metadata
        self._deadline = deadline
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] | None = []
        self.at_once = True
        self.code: grpc.StatusCode | None = None
        self.details = ""
        self.trailers: Metadata | None = None

    def invocation_metadata(self) -> Metadata:
        """What the caller sent beside the message."""
        return self._metadata

    def time_remaining(self) -> float:
        """Seconds to the deadline, 0 when it has passed."""
        return max(0.0, self._deadline - time.time())

    def set_trailing_metadata(self, metadata: Metadata) -> None:
        """Send this with the status."""
        self.trailers = metadata

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """End the call with a status. Raises, always."""
        self.code, self.details = code, details
        raise Aborted

    def is_active(self) -> bool:
        """Whether anybody waits for the answer, as far as is known."""
        return self._callbacks is not None

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Have it called when the caller has gone; False when they have already. At once, there is no time to hear."""
        with self._lock:
            if self._callbacks is None:
                return False
            self._callbacks.append(callback)
            return True

    def over(self) -> None:
        """The call is over."""
        with self._lock:
            callbacks, self._callbacks = self._callbacks, None
        for callback in callbacks or ():
            callback()
