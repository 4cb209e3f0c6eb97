"""Whether something is under way that less urgent work makes room for."""

import threading
from types import TracebackType


class Busy:
    """Entered by each piece of such work; called, says whether there is one. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def __enter__(self) -> None:
        with self._lock:
            self._count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._count -= 1

    def __call__(self) -> bool:
        """Whether it is."""
        return self._count > 0
