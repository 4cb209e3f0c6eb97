"""Hands out leases. The only way to a servable."""

from collections.abc import Callable, Mapping

from hotshelf_server.core.background import in_a_hurry
from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.budget import Budget
from hotshelf_server.models.harness import Load, Loaded
from hotshelf_server.models.holdings import Holdings
from hotshelf_server.models.leases import Lease, ModelTable, is_number
from hotshelf_server.models.on_call import OnCall
from hotshelf_server.models.reconciler import Reconciler
from hotshelf_server.models.routing import Routes, no_key
from hotshelf_server.models.source import Source, Wanted
from hotshelf_server.models.states import Status

REFRESH_SECONDS = 600.0
"""How long a refresh waits when nobody said."""


class Manager:
    """What calls and operators see of the models: an immutable table to read, and leases from it."""

    def __init__(
        self,
        source: Source,
        load: Load,
        clock: Clock,
        *,
        poll_seconds: float,
        load_threads: int,
        budget: Budget | None = None,
    ) -> None:
        """``poll_seconds``: time between looks at the source; ``load_threads``: versions that load at once."""
        budget = budget or Budget()
        self._load = load
        self._holdings = Holdings(self._loaded, clock, on_call=budget.bounded)
        self._reconciler = Reconciler(
            source, self._holdings, clock, budget, load_threads=load_threads, poll_seconds=poll_seconds
        )
        self._on_call = OnCall(self._holdings, self._reconciler, clock) if budget.bounded else None

    def _loaded(self, version: VersionId) -> Loaded:
        """The first loads of a server have nobody to give way to, and are what readiness waits for."""
        if self._reconciler.has_settled:
            return self._load(version)
        with in_a_hurry():
            return self._load(version)

    @property
    def started(self) -> bool:
        """Whether `start` was called, and `stop` was not."""
        return self._reconciler.running

    @property
    def loads_on_call(self) -> bool:
        """Whether `lease` may wait for a version to be loaded."""
        return self._on_call is not None

    @property
    def listeners(self) -> list[Callable[[], None]]:
        """Called, from any thread, after a state or the routing has changed."""
        return self._reconciler.listeners

    @property
    def store_errors(self) -> int:
        """Failures to read the source."""
        return self._reconciler.store_errors

    @property
    def heard_at(self) -> float:
        """When the source was last read, in seconds since the epoch; 0 for never."""
        return self._reconciler.heard_at

    @property
    def parked(self) -> int:
        """Versions that left memory for others so far."""
        return self._reconciler.parked

    def canaries(self) -> Mapping[tuple[str, str], int]:
        """Canaries that ended so far, by model and `CanaryOutcome`."""
        return self._reconciler.canaries.counts()

    def wanted(self) -> Mapping[str, Wanted]:
        """What the source asked for when it was last read, by model."""
        return self._reconciler.wanted

    def start(self) -> None:
        """Begin to bring what is loaded to what is wanted."""
        self._reconciler.start()

    def stop(self) -> None:
        """Wait for all leases for a while, unload everything. Loads that run are not waited for."""
        self._reconciler.stop()

    def reconcile(self) -> None:
        """Take one step now, on this thread."""
        self._reconciler.step()

    def settled(self) -> bool:
        """Whether the source was heard, and every champion was tried and can be called if it can be.

        Other versions are not waited for: a candidate that hangs must not keep a server from its traffic.
        """
        return self._reconciler.settled

    def lease(
        self, model: str, version: str = "", key: Callable[[], str] = no_key, seconds: float | None = None
    ) -> Lease:
        """Hold the version that a number or alias names (default: champion).

        A route with several versions is split by its weights, sticky by ``key``. Where memory is bounded a version
        that isn't loaded is loaded now, and waited for up to ``seconds``. Raises `ModelNotFound` and `ModelNotReady`.
        """
        while True:
            table = self.table(model)
            harness = table.find(version, key)
            lease = table.lend(harness, version)
            if lease is not None:
                return lease
            if self._on_call is not None:
                return self._on_call.lease(model, version, key, seconds)
            if is_number(version):
                raise table.not_ready(harness)
            self._reconciler.rebuild()  # the version was retired between the two looks at it

    def find(self, model: str, version: str = "") -> VersionId:
        """The version that a number or alias leads to, if it can answer. Raises as `lease` does, and never waits."""
        table = self.table(model)
        harness = table.find(version)
        if harness.id.version not in table.callable():
            raise table.not_ready(harness)
        return harness.id

    def table(self, model: str) -> ModelTable:
        """What calls to a model can reach. Raises `ModelNotFound`."""
        return self._holdings.table(model)

    def tables(self) -> Mapping[str, ModelTable]:
        """What calls can reach, by model."""
        return self._holdings.tables

    def routes(self, model: str) -> Routes:
        """The routes of a model that hold; none for one that isn't served."""
        table = self.tables().get(model)
        return table.routes if table else {}

    def statuses(self) -> list[Status]:
        """Every version that is here or wanted, sorted."""
        return sorted(self._holdings.statuses().values(), key=lambda status: (status.id.model, status.id.version))

    def hear(self, seconds: float) -> bool:
        """Look at the source now, and act on it without waiting for loads; whether that was done within the time."""
        return self._reconciler.hear(seconds)

    def refresh(self, model: str, seconds: float | None = None) -> list[Status]:
        """Look at the source now, try what failed again, and wait until each wanted version of a model was tried.

        Its versions' statuses, after so many seconds at the latest.
        """
        limit = REFRESH_SECONDS if seconds is None else min(seconds, REFRESH_SECONDS)
        self._reconciler.refresh(model, limit)
        return [status for status in self.statuses() if status.id.model == model]
