"""Loads versions because they are called, where memory is bounded."""

import secrets
from collections.abc import Callable

from hotshelf_server.core.interfaces import Clock
from hotshelf_server.models.harness import Harness
from hotshelf_server.models.holdings import Holdings
from hotshelf_server.models.leases import Lease, is_number
from hotshelf_server.models.reconciler import Reconciler, load_ended
from hotshelf_server.models.states import State

WAIT_SECONDS = 120.0
"""How long a call without a deadline waits for its version."""


class OnCall:
    """Has versions loaded, and holds the calls that wait for them."""

    def __init__(self, holdings: Holdings, reconciler: Reconciler, clock: Clock) -> None:
        self._holdings = holdings
        self._reconciler = reconciler
        self._clock = clock

    def lease(self, model: str, version: str, key: Callable[[], str], seconds: float | None) -> Lease:
        """Hold the version that a name leads to, once it is loaded. Raises as `Manager.lease` does.

        As long as a call waits, its version goes before those that are only called more often: every call gets its
        turn, however many models compete for the memory.
        """
        end = self._clock.monotonic() + (WAIT_SECONDS if seconds is None else seconds)
        same = key() or secrets.token_hex(8)  # who doesn't mind where they go should not wait for one after the other
        waiting: Harness | None = None
        try:
            while True:
                table = self._holdings.table(model)
                harness = table.find(version, lambda: same)
                lease = table.lend(harness, version)
                if lease is not None:
                    return lease
                if waiting is not harness:
                    waiting = self._wait_for(harness, waiting)
                self._reconciler.wake()
                left = end - self._clock.monotonic()
                self._holdings.wait_for(lambda harness=harness: load_ended(harness.status), max(0.0, left))  # type: ignore[misc]  # bound early
                if harness.status.state is State.FAILED and not is_number(version):
                    self._reconciler.rebuild()  # another version may answer instead
                elif harness.status.state is not State.READY:
                    raise table.not_ready(harness)
        finally:
            if waiting is not None:
                waiting.give_up()

    def _wait_for(self, harness: Harness, before: Harness | None) -> Harness:
        if before is not None:
            before.give_up()
        harness.expect()
        return harness
