"""Work that gives way to the threads that answer calls."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TypeVar

from hotshelf_server.core.processes import give_way, use_idle_time

IDLE_SECONDS = 2.0
"""How long work may wait for idle processors before it is begun anew with a share of them."""

Result = TypeVar("Result")

_hurry: ContextVar[bool] = ContextVar("hurry", default=False)


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Within the block, on this thread, nothing gives way: there are no calls yet, but callers who wait for a start."""
    token = _hurry.set(True)
    try:
        yield
    finally:
        _hurry.reset(token)


def is_in_a_hurry() -> bool:
    """Whether this is within `in_a_hurry`."""
    return _hurry.get()


def in_background(work: Callable[[], Result], idle_seconds: float = IDLE_SECONDS) -> Result:
    """Run something on a thread of the least priority, and wait for it; in a hurry at once. Raises what it raises.

    Only for work that leaves the interpreter's lock for nearly all of its time, such as one long call of a C library:
    a thread that is kept from the processor while it holds the lock would hold up everybody else. And only for work
    that may be run twice: on a server that never rests the first run may starve, and its outcome is dropped.
    """
    if is_in_a_hurry():
        return work()
    with suppress(TimeoutError):
        return _started(work, use_idle_time).result(idle_seconds)
    return _started(work, give_way).result()


def _started(work: Callable[[], Result], lower: Callable[[int], None]) -> Future[Result]:
    future: Future[Result] = Future()

    def run() -> None:
        with suppress(OSError):  # a system that doesn't let us: it is only slower for others
            lower(threading.get_native_id())
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, name="background", daemon=True).start()
    return future
