"""What the C library does with memory that was given back to it."""

import ctypes
import sys
from functools import cache
from typing import Any


def return_unused() -> None:
    """Return memory that nobody uses to the system, where the C library can (glibc).

    It keeps what a thread has freed for that thread: after many reloads, pages of models that are long gone. Takes
    a millisecond or so, without the interpreter's lock; who needs memory just then waits for a part of it.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
