"""What the server's child processes do about their parent."""

import ctypes
import os
import signal
import sys
from contextlib import suppress

PR_SET_PDEATHSIG = 1
"""From Linux's ``prctl(2)``."""

NICENESS = 19
"""The least share of the processors that still is one: where they are all busy, work comes to its end, but late."""


def give_way(process: int) -> None:
    """Have a child process compute in the time that this one leaves. Threads that it starts later do as well.

    As a batch process it never takes a processor from a thread that answers a call, also where its share would be due.
    """
    with suppress(ProcessLookupError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, process, NICENESS)
        if sys.platform == "linux":
            os.sched_setscheduler(process, os.SCHED_BATCH, os.sched_param(0))


def die_with_parent() -> None:
    """Have the system kill this process when its parent ends, however that happens. Linux only; elsewhere nothing."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it ended before we asked
