"""Work that gives way to the threads that answer calls."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

from hotshelf_server.core.processes import give_way, use_idle_time

IDLE_SECONDS = 2.0
"""How long work may wait for idle processors before it is begun anew with a share of them."""

Result = TypeVar("Result")


def in_background(work: Callable[[], Result], idle_seconds: float = IDLE_SECONDS) -> Result:
    """Run something on a thread of the least priority, and wait for it. Raises what it raises.

    Only for work that leaves the interpreter's lock for nearly all of its time, such as one long call of a C library:
    a thread that is kept from the processor while it holds the lock would hold up everybody else. And only for work
    that may be run twice: on a server that never rests the first run may starve, and its outcome is dropped.
    """
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
