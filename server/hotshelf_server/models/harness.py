"""One version's state machine, and the count of calls that hold it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hotshelf_server.core.errors import GoldenMismatch
from hotshelf_server.core.interfaces import Clock, Elsewhere, Servable
from hotshelf_server.core.memory import return_unused
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.states import UNKNOWN, Origin, State, Status
from hotshelf_store.errors import VersionNotFound

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A servable, the memory that it takes in bytes (0: not known), and where it comes from."""

    servable: Servable
    memory_bytes: int = 0
    origin: Origin = UNKNOWN


Load = Callable[[VersionId], Loaded]
"""Loads and proves a version, or raises saying why it can't be served."""


class Harness:
    """Loads a version, lends it, and closes it after its last lease. Safe from any thread."""

    def __init__(self, version: VersionId, load: Load, clock: Clock) -> None:
        self.id = version
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._leases = 0
        self._closing = False
        self._servable: Servable | None = None
        self._status = Status(version, State.PENDING, clock.now())
        self.elsewhere = False
        """Whether the servable computes in a process of its own."""
        self.called_at = float("-inf")
        """When it was last called, on the monotonic clock."""
        self._expected = 0
        self.expected_since: float | None = None
        """Since when calls have waited for it, on the same clock; None when none do."""

    @property
    def status(self) -> Status:
        """The state now."""
        return self._status

    @property
    def leased(self) -> bool:
        """Whether any call holds it."""
        return self._leases > 0

    def expect(self) -> None:
        """A call waits for the version to be loaded."""
        with self._lock:
            self._expected += 1
            self.called_at = self._clock.monotonic()
            if self.expected_since is None:
                self.expected_since = self.called_at

    def give_up(self) -> None:
        """A call waits no longer: it was lent the version, or has no more time."""
        with self._lock:
            self._expected -= 1
            if not self._expected:
                self.expected_since = None

    def begin(self) -> None:
        """Mark as loading, before `load` is handed to a thread."""
        self._to(State.LOADING)

    def load(self) -> None:
        """Load and prove the version; the outcome is in `status`, and nothing is raised."""
        started = self._clock.monotonic()
        try:
            loaded = self._load(self.id)
        except VersionNotFound as error:
            # An alias may name a version that is yet to be published.
            self._to(State.PENDING, reason=str(error))
        except Exception as error:
            log.warning("version %s can't be served: %s", self.id, error)
            log.debug("traceback", exc_info=True)
            reason = str(error) or type(error).__name__
            golden_failures = self._status.golden_failures + isinstance(error, GoldenMismatch)
            self._to(State.FAILED, reason=reason, failures=self._status.failures + 1, golden_failures=golden_failures)
        else:
            with self._lock:
                self._servable = loaded.servable
                self.elsewhere = isinstance(loaded.servable, Elsewhere)
            seconds = self._clock.monotonic() - started
            self._to(
                State.READY, failures=0, load_seconds=seconds, memory_bytes=loaded.memory_bytes, origin=loaded.origin
            )
            log.info("version %s is ready after %.2f s", self.id, seconds)

    def acquire(self) -> Servable | None:
        """The servable, held until `release`; None when the version is not ready."""
        with self._lock:
            if self._status.state is not State.READY:
                return None
            self._leases += 1
            self.called_at = self._clock.monotonic()
            return self._servable

    def release(self) -> None:
        """Give a lease back."""
        with self._lock:
            self._leases -= 1
            if self._closing and not self._leases:
                self._idle.notify_all()

    def retire(self, *, only_idle: bool = False) -> bool:
        """Lend no more; `close` then waits for the leases. With ``only_idle``, not while any call holds it.

        Whether it was retired.
        """
        with self._lock:
            if only_idle and self._leases:
                return False
            self._status = replace(self._status, state=State.UNLOADING, since=self._clock.now(), reason="")
            return True

    def park(self, reason: str) -> None:
        """Mark as not loaded, though wanted."""
        self._to(State.NOT_LOADED, reason=reason)

    def retry(self) -> None:
        """Let a version that failed be tried again at once."""
        with self._lock:
            if self._status.state is State.FAILED:
                self._status = replace(self._status, state=State.PENDING, since=self._clock.now(), reason="")

    def close(self, seconds: float | None = None) -> None:
        """Wait for the last lease, for so many seconds at most, then close the servable."""
        with self._lock:
            self._closing = True
            self._idle.wait_for(lambda: self._leases == 0, seconds)
            servable, self._servable = self._servable, None
        if servable is not None:
            servable.close()
            del servable  # its memory is free from here on
            return_unused()
            log.info("version %s is unloaded", self.id)

    def _to(self, state: State, *, reason: str = "", load_seconds: float = 0.0, **known: Any) -> None:
        """``known`` are fields of the status that change too; the others stay."""
        with self._lock:
            self._status = replace(
                self._status, state=state, since=self._clock.now(), reason=reason, load_seconds=load_seconds, **known
            )
