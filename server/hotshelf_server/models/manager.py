"""Brings what is loaded to what is wanted, and hands out leases. The only way to a servable."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from hotshelf_server.core.errors import ModelNotFound
from hotshelf_server.core.interfaces import Clock, Servable
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.harness import Harness
from hotshelf_server.models.leases import Lease, ModelTable
from hotshelf_server.models.policy import Load, plan
from hotshelf_server.models.routing import effective
from hotshelf_server.models.source import Emission, Source
from hotshelf_server.models.states import State, Status
from hotshelf_store import CHAMPION, StoreError

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
"""How long a stop waits for the leases of each version."""


class Manager:
    """One thread reconciles; a small pool loads and unloads; calls read an immutable table."""

    def __init__(
        self,
        source: Source,
        load: Callable[[VersionId], Servable],
        clock: Clock,
        *,
        poll_seconds: float,
        load_threads: int,
    ) -> None:
        """``poll_seconds``: time between looks at the source; ``load_threads``: versions that load at once."""
        self._source = source
        self._load = load
        self._clock = clock
        self._poll_seconds = poll_seconds
        self.on_change: list[Callable[[], None]] = []
        """Each is called, from any thread, after a state or the routing has changed."""
        self._pool = ThreadPoolExecutor(load_threads, thread_name_prefix="loader")
        self._thread = threading.Thread(target=self._run, name="reconcile", daemon=True)
        self._wake = threading.Event()
        self._stopping = False
        self._lock = threading.RLock()
        self._emission = Emission({})
        self._heard = False
        self._planned = False
        self._settled = False
        self._harnesses: dict[VersionId, Harness] = {}
        self._tables: Mapping[str, ModelTable] = {}
        self._seen: object = None
        self.store_errors = 0

    @property
    def started(self) -> bool:
        """Whether `start` was called, and `stop` was not."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to reconcile."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reconciling, wait for all leases for a while, unload everything. Loads that run are not waited for."""
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)
        for harness in list(self._harnesses.values()):
            harness.retire()
            harness.close(STOP_SECONDS)

    def lease(self, model: str, version: str = "", key: str = "") -> Lease:
        """Hold the version that a number or alias names (default: champion).

        A route with several versions is split by its weights, sticky by ``key``. Raises `ModelNotFound` and
        `ModelNotReady`.
        """
        while True:
            table = self.table(model)
            lease = table.lease(version, key)
            if lease is not None:
                return lease
            self._rebuild()  # the version was retired between the two looks at it

    def table(self, model: str) -> ModelTable:
        """What calls to a model can reach. Raises `ModelNotFound`."""
        table = self._tables.get(model)
        if table is None:
            raise ModelNotFound(f"model {model!r} is not served here", model=model)
        return table

    def tables(self) -> Mapping[str, ModelTable]:
        """What calls can reach, by model."""
        return self._tables

    def statuses(self) -> list[Status]:
        """Every version that is here or wanted, sorted."""
        with self._lock:
            statuses = [harness.status for harness in self._harnesses.values()]
        return sorted(statuses, key=lambda status: (status.id.model, status.id.version))

    def settled(self) -> bool:
        """Whether the source was heard, and every champion was tried and can be called if it can be.

        Other versions are not waited for: a candidate that hangs must not keep a server from its traffic.
        """
        return self._settled

    def reconcile(self) -> None:
        """Take one step: hear the source, start what is due, let go what is no longer wanted."""
        self._hear()
        with self._lock:
            wanted = {
                VersionId(model, version) for model, want in self._emission.models.items() for version in want.versions
            }
            statuses = {version: harness.status for version, harness in self._harnesses.items()}
            routed = {
                VersionId(table.model, version)
                for table in self._tables.values()
                for weights in table.routes.values()
                for version in weights
            }
            for action in plan(wanted, statuses, routed, self._clock.now()):
                if isinstance(action, Load):
                    self._start_load(action.id)
                else:
                    self._start_unload(action.id)
            self._planned = self._planned or self._heard
        self._rebuild()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self.reconcile()
            except Exception:
                log.exception("reconciling failed; it is tried again")
            self._wake.wait(self._poll_seconds)
            self._wake.clear()

    def _hear(self) -> None:
        try:
            emission = self._source.poll()
        except StoreError as error:
            self.store_errors += 1
            log.warning("the store can't be read, what is loaded serves on: %s", error)
            return
        for message in emission.errors:
            self.store_errors += 1
            log.warning("a model can't be read, what is loaded of it serves on: %s", message)
        self._emission = emission
        self._heard = True

    def _start_load(self, version: VersionId) -> None:
        harness = self._harnesses.setdefault(version, Harness(version, self._load, self._clock))
        harness.begin()
        self._pool.submit(self._finish_load, harness)

    def _finish_load(self, harness: Harness) -> None:
        harness.load()
        self._rebuild()
        self._wake.set()

    def _start_unload(self, version: VersionId) -> None:
        harness = self._harnesses[version]
        harness.retire()
        # A thread of its own: it may wait long for a lease, and must not keep others from loading.
        threading.Thread(target=self._finish_unload, args=(harness,), name=f"unload {version}", daemon=True).start()

    def _finish_unload(self, harness: Harness) -> None:
        harness.close()
        with self._lock:
            self._harnesses.pop(harness.id, None)
        self._rebuild()

    def _champion_tried(self, model: str) -> bool:
        champions = self._emission.models[model].routes.get(CHAMPION, {})
        held = [self._harnesses.get(VersionId(model, version)) for version in champions]
        return all(harness is not None and _tried(harness.status) for harness in held)

    def _rebuild(self) -> None:
        """Replace the tables by what holds now."""
        with self._lock:
            tables: dict[str, ModelTable] = {}
            for model, want in self._emission.models.items():
                mine = {one.version: held for one, held in self._harnesses.items() if one.model == model}
                ready = frozenset(number for number, held in mine.items() if held.status.state is State.READY)
                before = self._tables[model].routes if model in self._tables else {}
                tables[model] = ModelTable(model, effective(want.routes, before, ready), mine)
            self._tables = tables
            self._settled = self._planned and all(map(self._champion_tried, self._emission.models))
            seen = [(table.model, table.routes) for table in tables.values()], self.statuses(), self._emission.models
            changed, self._seen = seen != self._seen, seen
        if changed:
            for tell in self.on_change:
                tell()


def _tried(status: Status) -> bool:
    """Whether a load has come to an end, be it that the version is yet to come."""
    return status.state is not State.LOADING and (status.state is not State.PENDING or bool(status.reason))
