"""What the server's child processes do about their parent."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From Linux's ``prctl(2)``."""


def die_with_parent() -> None:
    """Have the system kill this process when its parent ends, however that happens. Linux only; elsewhere nothing."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it ended before we asked
