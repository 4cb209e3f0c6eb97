"""Work in the background gives way, and its outcome reaches who waits."""

import os
import sys
import threading

import pytest

from hotshelf_server.core.background import in_a_hurry, in_background, is_in_a_hurry
from hotshelf_server.core.processes import NICENESS

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")


def scheduling() -> tuple[int, int]:
    """Class and niceness of this thread."""
    thread = threading.get_native_id()
    return os.sched_getscheduler(thread), os.getpriority(os.PRIO_PROCESS, thread)


def test_what_it_gives_or_raises_reaches_who_waits() -> None:
    assert in_background(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        in_background(lambda: 1 // 0)


@linux_only
def test_only_the_thread_that_works_gives_way() -> None:
    before = scheduling()
    assert in_background(scheduling)[0] == os.SCHED_IDLE
    assert scheduling() == before


@linux_only
def test_work_that_finds_no_idle_time_is_begun_anew_with_a_share_of_the_processors() -> None:
    found_time = threading.Event()

    def work() -> tuple[int, int]:
        if os.sched_getscheduler(threading.get_native_id()) == os.SCHED_IDLE:
            found_time.wait(60)
        return scheduling()

    assert in_background(work, idle_seconds=0.1) == (os.SCHED_BATCH, NICENESS)
    found_time.set()


def test_in_a_hurry_work_is_done_here_and_now() -> None:
    with in_a_hurry():
        assert in_background(threading.get_ident) == threading.get_ident()
        assert is_in_a_hurry()
    assert in_background(threading.get_ident) != threading.get_ident()
    assert not is_in_a_hurry()
