"""Brings what is loaded to what is wanted: one thread decides, a small pool loads."""

import logging
import threading
from collections.abc import Callable, Mapping, Set
from functools import partial

from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.budget import Budget, residents
from hotshelf_server.models.canaries import Canaries
from hotshelf_server.models.harness import Harness
from hotshelf_server.models.holdings import Holdings
from hotshelf_server.models.load_pool import LoadPool
from hotshelf_server.models.policy import Load, Park, Unload, plan
from hotshelf_server.models.source import Emission, Source, Wanted
from hotshelf_server.models.states import State, Status
from hotshelf_server.models.tenancy import tenants
from hotshelf_store import CHAMPION, StoreError

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
"""How long a stop waits for the leases of each version."""

PARKED = "other versions need the memory; it is loaded when it is called"


class Reconciler:
    """Hears the source, plans, and acts, again and again."""

    def __init__(
        self,
        source: Source,
        holdings: Holdings,
        clock: Clock,
        budget: Budget,
        *,
        load_threads: int,
        poll_seconds: float,
    ) -> None:
        self._source = source
        self._holdings = holdings
        self._clock = clock
        self._budget = budget
        self._poll_seconds = poll_seconds
        self._pool = LoadPool(load_threads, clock)
        self._thread = threading.Thread(target=self._run, name="reconcile", daemon=True)
        self._wake = threading.Event()
        self._stopping = False
        self._lock = threading.RLock()
        self._emission = Emission({})
        self._asked = 0
        self._heard = 0
        self._acted = 0
        self._planned = False
        self.settled = False
        self.has_settled = False
        """Whether it was ever settled; a new champion unsettles it for as long as it is tried."""
        self.store_errors = 0
        self.heard_at = 0.0
        """When the source was last heard, in seconds since the epoch; 0 for never."""
        self.parked = 0
        """Versions that gave way to others."""
        self.canaries = Canaries()
        self.listeners: list[Callable[[], None]] = []

    @property
    def wanted(self) -> Mapping[str, Wanted]:
        """What the source asked for when it was last heard, by model."""
        return self._emission.models

    @property
    def running(self) -> bool:
        """Whether the thread is."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, wait for all leases for a while, unload everything. Loads that run are not waited for."""
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._pool.clear()
        for harness in self._holdings.all():
            harness.retire()
            harness.close(STOP_SECONDS)
        self._pool.close()

    def wake(self) -> None:
        """Take the next step now."""
        self._wake.set()

    def hear(self, seconds: float) -> bool:
        """Wait until the source was heard and acted on from now on; whether it was within so many seconds."""
        asked = self._asked
        self._wake.set()
        return self._holdings.wait_for(lambda: self._acted > asked, seconds)

    def refresh(self, model: str, seconds: float) -> None:
        """Try what failed of a model again, and wait until all that is wanted of it from now on was tried."""
        for harness in self._holdings.all():
            if harness.id.model == model:
                harness.retry()
        asked = self._asked
        self._wake.set()
        # What is being heard just now may be from before; and what was heard has yet to be acted on.
        self._holdings.wait_for(lambda: self._acted > asked and self._tried(model), seconds)
        self.rebuild()

    def step(self) -> None:
        """Hear the source, start what is due, let go what is no longer wanted."""
        self._hear()
        with self._lock:
            wanted = {
                VersionId(model, version) for model, want in self._emission.models.items() for version in want.versions
            }
            # A model that nobody wants loses its traffic now, and isn't kept for it.
            routed = {version for version in self._holdings.routed() if version.model in self._emission.models}
            stay = self._residents(wanted, routed)
            for action in plan(wanted, self._holdings.statuses(), routed, stay, self._clock.now()):
                match action:
                    case Load(version):
                        self._load(version)
                    case Park(version):
                        self._park(version)
                    case Unload(version):
                        self._unload(version)
            self._planned = self._planned or (bool(self._heard) and self._emission.complete)
            self._acted = self._heard
        self._pool.look()
        self.rebuild()

    def rebuild(self) -> None:
        """Replace the tables by what holds now, and tell who wants to know."""
        with self._lock:
            changed = self._holdings.rebuild(self._emission)
            self.settled = self._planned and all(map(self._champion_tried, self._emission.models))
            self.has_settled |= self.settled
        if changed:
            for listener in self.listeners:
                listener()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self.step()
            except Exception:
                log.exception("reconciling failed; it is tried again")
            self._wake.wait(self._poll_seconds)
            self._wake.clear()

    def _hear(self) -> None:
        self._asked += 1
        try:
            emission = self._source.poll()
        except StoreError as error:
            self.store_errors += 1
            log.warning("the store can't be read, what is loaded serves on: %s", error)
            return
        for message in emission.errors:
            self.store_errors += 1
            log.warning("a model can't be read, what is loaded of it serves on: %s", message)
        self.canaries.heard(self._emission.models, emission.models)
        self._emission = emission
        self._heard = self._asked
        self.heard_at = self._clock.now()

    def _residents(self, wanted: set[VersionId], routed: set[VersionId]) -> Set[VersionId]:
        """Those that may be in memory. What takes traffic until its successor is there stays beyond the budget."""
        if not self._budget.bounded:
            return wanted | routed
        found, failed = tenants(self._emission.models, self._holdings.all())
        return residents(found, self._budget) | (routed - wanted) | failed

    def _load(self, version: VersionId) -> None:
        harness = self._holdings.harness(version)
        harness.begin()
        self._pool.submit(partial(self._finish_load, harness), again=harness.status.failures > 0)

    def _finish_load(self, harness: Harness) -> None:
        harness.load()
        self.rebuild()
        self._wake.set()

    def _park(self, version: VersionId) -> None:
        harness = self._holdings.harness(version)
        if harness.status.state is not State.READY:
            harness.park(PARKED)
        elif harness.retire(only_idle=True):
            harness.close()
            harness.park(PARKED)
            self.parked += 1

    def _unload(self, version: VersionId) -> None:
        harness = self._holdings.harness(version)
        harness.retire()
        # A thread of its own: it may wait long for a lease, and must not keep others from loading.
        threading.Thread(target=self._finish_unload, args=(harness,), name=f"unload {version}", daemon=True).start()

    def _finish_unload(self, harness: Harness) -> None:
        harness.close()
        self._holdings.drop(harness.id)
        self.rebuild()

    def _tried(self, model: str) -> bool:
        """Whether every wanted version of a model has come to the end of its load, or waits to be called."""
        want = self._emission.models.get(model)
        return all(self._was_tried(VersionId(model, version)) for version in (want.versions if want else ()))

    def _champion_tried(self, model: str) -> bool:
        champions = self._emission.models[model].routes.get(CHAMPION, {})
        return all(self._was_tried(VersionId(model, version)) for version in champions)

    def _was_tried(self, version: VersionId) -> bool:
        harness = self._holdings.get(version)
        return harness is not None and (load_ended(harness.status) or harness.status.state is State.NOT_LOADED)


def load_ended(status: Status) -> bool:
    """Whether the last load has come to an end, be it that the version is yet to come."""
    return status.state in (State.READY, State.FAILED) or (status.state is State.PENDING and bool(status.reason))
