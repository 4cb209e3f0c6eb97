"""What the server's child processes do about their parent."""

import ctypes
import os
import signal
import sys
from contextlib import suppress

GOLDEN_EXIT = 3
"""The exit code of a trial whose bundle answers its golden requests otherwise than where it was made."""

PR_SET_PDEATHSIG = 1
"""From Linux's ``prctl(2)``."""

NICENESS = 19
"""The least share of the processors that still is one: where they are all busy, work comes to its end, but late."""


def give_way(task: int) -> None:
    """Have a process, or one thread of it, compute in the time that others leave. What it starts later does as well.

    As a batch task it never takes a processor from a thread that answers a call, also where its share would be due.
    """
    with suppress(ProcessLookupError):  # it has ended already
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, task, NICENESS)
            os.sched_setscheduler(task, os.SCHED_BATCH, os.sched_param(0))


def use_idle_time(task: int) -> None:
    """Have a process, or one thread of it, compute on processors that nobody wants, and for good: it may starve.

    Unlike one that merely gives way, it is interrupted at once when a thread of higher priority wakes up.
    """
    if sys.platform == "linux":
        os.sched_setscheduler(task, os.SCHED_IDLE, os.sched_param(0))


def die_with_parent() -> None:
    """Have the system kill this process when its parent ends, however that happens. Linux only; elsewhere nothing."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it ended before we asked
