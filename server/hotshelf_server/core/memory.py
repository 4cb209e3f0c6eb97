"""What the C library does with memory that was given back to it."""

import ctypes
import sys
from functools import cache
from typing import Any

M_ARENA_MAX = -8
"""From glibc's ``malloc.h``."""

ARENAS = 4


def share_arenas() -> None:
    """Have all threads share a few of the C library's heaps (glibc). To be called before there are threads.

    Otherwise it makes up to eight a core. Models are loaded and freed by threads that come and go, and each heap keeps
    pieces of those that went through it: a fifth of the memory of a server that has reloaded often.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(M_ARENA_MAX, ARENAS)


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
