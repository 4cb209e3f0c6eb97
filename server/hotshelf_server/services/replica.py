"""What this replica tells of the models that it knows: the store's aliases, and what became of the versions here."""

import logging
from collections.abc import Iterable, Mapping

from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf_server.models.held import Held
from hotshelf_server.models.states import State, Status
from hotshelf_store import AliasRevision, Route, Store, named
from hotshelf_store.errors import InvalidBundle
from hotshelf_store.timestamps import timestamp

log = logging.getLogger(__name__)

STATES: Mapping[State, pb.VersionState.ValueType] = {
    State.PENDING: pb.VERSION_STATE_PENDING,
    State.LOADING: pb.VERSION_STATE_LOADING,
    State.READY: pb.VERSION_STATE_READY,
    State.UNLOADING: pb.VERSION_STATE_UNLOADING,
    State.FAILED: pb.VERSION_STATE_FAILED,
    State.NOT_LOADED: pb.VERSION_STATE_NOT_LOADED,
}

UNHEARD = "an alias names it; this replica has not heard of it yet"


class Replica:
    """Reads what is held, and the store. Its ``id`` is new with each start."""

    def __init__(self, held: Held, store: Store | None, name: str) -> None:
        """``store`` is None for a server that serves folders; ``name`` becomes the id."""
        self.id = name
        self._held = held
        self._store = store

    def names(self) -> list[str]:
        """Every model that is stored or served, sorted."""
        served = {status.id.model for status in self._held.statuses()}
        return sorted(served.union(self._store.models() if self._store else ()))

    def models(self, names: Iterable[str] | None = None) -> dict[str, pb.Model]:
        """Models by name; of all names by default."""
        statuses: dict[str, list[Status]] = {}
        for status in self._held.statuses():
            statuses.setdefault(status.id.model, []).append(status)
        chosen = self.names() if names is None else names
        return {name: self._model(name, statuses.get(name, [])) for name in chosen}

    def known(self, model: str) -> bool:
        """Whether the model is served, or wanted, here."""
        return any(status.id.model == model for status in self._held.statuses())

    def status(self, model: str, version: int, problem: str = "") -> pb.VersionStatus:
        """What became of a version of the store; ``problem`` tells why its record there can't be read."""
        for status in self._held.statuses():
            if (status.id.model, status.id.version) == (model, version):
                return _status(status)
        state = pb.VERSION_STATE_FAILED if problem else pb.VERSION_STATE_NOT_LOADED
        return pb.VersionStatus(version=version, state=state, reason=problem)

    def aliases(self, model: str) -> AliasRevision:
        """The newest aliases; none when they can't be read, so that one broken file hides no list."""
        if self._store is None:
            return AliasRevision()
        try:
            return self._store.aliases(model)
        except InvalidBundle as error:
            log.warning("aliases of model %s: %s", model, error)
            return AliasRevision()

    def _model(self, name: str, here: Iterable[Status]) -> pb.Model:
        aliases = self.aliases(name)
        versions = {status.id.version: _status(status) for status in here}
        for number in named(aliases) - versions.keys():
            versions[number] = pb.VersionStatus(version=number, state=pb.VERSION_STATE_PENDING, reason=UNHEARD)
        routes = self._held.routes(name)
        return pb.Model(
            name=name,
            versions=[status for _, status in sorted(versions.items())],
            aliases=aliases if aliases.revision else None,
            routes={alias: Route(weights=weights) for alias, weights in routes.items()},
        )


def _status(status: Status) -> pb.VersionStatus:
    return pb.VersionStatus(
        version=status.id.version,
        state=STATES[status.state],
        reason=status.reason,
        since=timestamp(status.since),
        failures=status.failures,
    )
