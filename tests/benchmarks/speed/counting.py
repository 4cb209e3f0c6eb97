"""Whether a server counted as many answers as it is said to have given."""

import time
from collections.abc import Callable

from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.load import Void
from tests.benchmarks.speed.servers.server import Counted

SECONDS = 1.0
"""By which a server's count may lag behind its answers."""
POLL = 0.02


def settled(counted: Callable[[], Counted]) -> Counted:
    """A server's count once it stands still: some count a call after it was answered."""
    deadline = time.monotonic() + SECONDS
    found = counted()
    while time.monotonic() < deadline:
        time.sleep(POLL)
        before, found = found, counted()
        if found == before:
            break
    return found


def agree(counted: Callable[[], Counted], before: Counted, answers: int, cell: Cell) -> None:
    """Raises `Void` unless the server counted as many answers, and no refusal.

    It may have answered all that were in flight when h2load left.
    """
    deadline = time.monotonic() + SECONDS
    while (now := counted()).answered - before.answered < answers and time.monotonic() < deadline:
        time.sleep(POLL)
    if now.refused > before.refused:
        raise Void(f"the server counts {now.refused - before.refused:.0f} refusals")
    found = now.answered - before.answered
    if not answers <= found <= answers + cell.calls:
        raise Void(f"the server counts {found:.0f} answers, h2load {answers}")
