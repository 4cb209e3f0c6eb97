"""Wakes threads that wait for something to happen."""

import threading


class Pulse:
    """Counts beats. Who saw the count before looking can't miss what happens after. Thread-safe."""

    def __init__(self) -> None:
        self._beats = 0
        self._changed = threading.Condition()

    @property
    def beats(self) -> int:
        """Beats so far."""
        return self._beats

    def beat(self) -> None:
        """Wake everybody."""
        with self._changed:
            self._beats += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Until there are other beats than ``seen``, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._beats != seen, seconds)
