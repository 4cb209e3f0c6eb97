"""Work that gives way to the threads that answer calls."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

from hotshelf_server.core.processes import NICENESS

Result = TypeVar("Result")


def in_background(work: Callable[[], Result]) -> Result:
    """Run something on a thread of the least priority, and wait for it. Raises what it raises.

    Only for work that leaves the interpreter's lock for nearly all of its time, such as one long call of a C library:
    a thread that is kept from the processor while it holds the lock would hold up everybody else.
    """
    future: Future[Result] = Future()

    def run() -> None:
        if sys.platform == "linux":  # elsewhere a thread has no priority of its own
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            future.set_exception(error)

    thread = threading.Thread(target=run, name="background", daemon=True)
    thread.start()
    return future.result()
