"""The versions that are here, and the tables that calls read, made anew after each change."""

import threading
from collections.abc import Callable, Mapping

from hotshelf_server.core.errors import ModelNotFound
from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.harness import Harness, Load
from hotshelf_server.models.leases import ModelTable
from hotshelf_server.models.routing import effective
from hotshelf_server.models.source import Emission
from hotshelf_server.models.states import State, Status

ON_CALL = (State.NOT_LOADED, State.LOADING, State.UNLOADING)
"""States of versions that are loaded when they are called, where memory is bounded."""


class Holdings:
    """Every harness by version. Thread-safe; the tables are read without a lock."""

    def __init__(self, load: Load, clock: Clock, *, on_call: bool) -> None:
        """``on_call``: whether versions that aren't loaded can be called."""
        self._load = load
        self._clock = clock
        self._on_call = on_call
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._harnesses: dict[VersionId, Harness] = {}
        self._seen: object = None
        self.tables: Mapping[str, ModelTable] = {}

    def harness(self, version: VersionId) -> Harness:
        """A version's harness, made when there is none."""
        with self._lock:
            found = self._harnesses.get(version)
            if found is None:
                found = self._harnesses[version] = Harness(version, self._load, self._clock)
            return found

    def get(self, version: VersionId) -> Harness | None:
        """A version's harness."""
        return self._harnesses.get(version)

    def all(self) -> list[Harness]:
        """Every harness."""
        with self._lock:
            return list(self._harnesses.values())

    def drop(self, version: VersionId) -> None:
        """Forget a version."""
        with self._lock:
            self._harnesses.pop(version, None)

    def table(self, model: str) -> ModelTable:
        """What calls to a model can reach. Raises `ModelNotFound`."""
        table = self.tables.get(model)
        if table is None:
            raise ModelNotFound(f"model {model!r} is not served here", model=model)
        return table

    def statuses(self) -> dict[VersionId, Status]:
        """Every version's status."""
        return {harness.id: harness.status for harness in self.all()}

    def routed(self) -> set[VersionId]:
        """The versions that take traffic now."""
        return {
            VersionId(table.model, version)
            for table in self.tables.values()
            for weights in table.routes.values()
            for version in weights
        }

    def rebuild(self, emission: Emission) -> bool:
        """Replace the tables by what holds now; whether anything has changed that others may want to know."""
        with self._lock:
            self.tables = {model: self._table(model, emission) for model in emission.models}
            seen = [(table.model, table.routes) for table in self.tables.values()], self.statuses(), emission.models
            changed, self._seen = seen != self._seen, seen
            self._changed.notify_all()
            return changed

    def wait_for(self, true: Callable[[], bool], seconds: float | None) -> bool:
        """Wait until something holds, looking after each change; whether it did within so many seconds."""
        with self._lock:
            return self._changed.wait_for(true, seconds)

    def _table(self, model: str, emission: Emission) -> ModelTable:
        mine = {one.version: held for one, held in self._harnesses.items() if one.model == model}
        ready = frozenset(number for number, held in mine.items() if held.status.state is State.READY)
        on_call = frozenset(number for number, held in mine.items() if self._on_call and held.status.state in ON_CALL)
        before = self.tables.get(model)
        routes = effective(emission.models[model].routes, before.routes if before else {}, ready, on_call)
        table = ModelTable(model, routes, mine)
        return before if before == table else table  # the same while nothing changes, which others may tell by
