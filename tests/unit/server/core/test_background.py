"""Work in the background gives way, and its outcome reaches who waits."""

import os
import sys
import threading

import pytest

from hotshelf_server.core.background import in_background
from hotshelf_server.core.processes import NICENESS


def test_what_it_gives_or_raises_reaches_who_waits() -> None:
    assert in_background(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        in_background(lambda: 1 // 0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_only_the_thread_that_works_gives_way() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = niceness()
    assert in_background(niceness) == NICENESS
    assert niceness() == before
