"""Memory that was freed goes back to the system."""

import platform
import re
import threading
from pathlib import Path

import pytest

from hotshelf_server.core.memory import return_unused

PIECES, SIZE = 200_000, 600
"""Pieces so small that the C library keeps them when they are freed, and their size in bytes."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such call")
def test_memory_that_a_thread_has_freed_goes_back_to_the_system() -> None:
    before = resident()
    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    return_unused()
    assert resident() - before < PIECES * SIZE / 4


def use() -> None:
    """Take memory in small pieces, and let it go again."""
    pieces = [bytes(SIZE) for _ in range(PIECES)]
    del pieces


def resident() -> int:
    return 1024 * int(re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[0])
