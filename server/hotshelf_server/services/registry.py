"""``hotshelf.registry.v1.RegistryService``: what the store holds, what this replica made of it, and the champion."""

import logging
from collections.abc import Mapping

from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceServicer
from hotshelf_server.core.errors import FailedPrecondition, ModelNotFound
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.states import State, Status
from hotshelf_server.services.calls import Calls, Context
from hotshelf_server.services.paging import page
from hotshelf_store import AliasRevision, Manifest, Store
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


class RegistryService(RegistryServiceServicer):
    """Reads store and manager. It writes to the store on an operator's word alone: promote and roll back."""

    def __init__(self, manager: Manager, store: Store | None, calls: Calls, *, writable: bool) -> None:
        """``store`` is None for a server that serves folders."""
        self._manager = manager
        self._store = store
        self._calls = calls
        self._writable = writable

    def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        """Every model that is stored or served."""
        with self._calls.frame("ListModels", context):
            names = {status.id.model for status in self._manager.statuses()}
            if self._store is not None:
                names.update(self._store.models())
            chosen, token = page(sorted(names), request.page_size, request.page_token)
            return pb.ListModelsResponse(models=[self._model(name) for name in chosen], next_page_token=token)

    def ListVersions(self, request: pb.ListVersionsRequest, context: Context) -> pb.ListVersionsResponse:
        """The live versions of a model."""
        with self._calls.frame("ListVersions", context, request.model):
            store = self._require_store(request.model)
            listed = store.survey(request.model)
            chosen, token = page(listed[::-1], request.page_size, request.page_token)
            aliases = _aliases(store, request.model)
            versions = [self._version(one.manifest, aliases, one.problem) for one in chosen]
            return pb.ListVersionsResponse(versions=versions, next_page_token=token)

    def GetVersion(self, request: pb.GetVersionRequest, context: Context) -> pb.GetVersionResponse:
        """One version."""
        with self._calls.frame("GetVersion", context, request.model):
            store = self._require_store(request.model)
            manifest = store.manifest(request.model, request.version)
            return pb.GetVersionResponse(version=self._version(manifest, _aliases(store, request.model)))

    def ListAliasHistory(self, request: pb.ListAliasHistoryRequest, context: Context) -> pb.ListAliasHistoryResponse:
        """The alias log."""
        with self._calls.frame("ListAliasHistory", context, request.model):
            history = self._require_store(request.model).alias_history(request.model)
            chosen, token = page(history, request.page_size, request.page_token)
            return pb.ListAliasHistoryResponse(revisions=chosen, next_page_token=token)

    def Promote(self, request: pb.PromoteRequest, context: Context) -> pb.PromoteResponse:
        """Move the champion, as the gate allows."""
        with self._calls.frame("Promote", context, request.model):
            revision = self._require_writable(request.model).promote(
                request.model, request.version, author=request.author, reason=request.reason, force=request.force
            )
            return pb.PromoteResponse(aliases=revision)

    def Rollback(self, request: pb.RollbackRequest, context: Context) -> pb.RollbackResponse:
        """Bring the previous champion back."""
        with self._calls.frame("Rollback", context, request.model):
            revision = self._require_writable(request.model).rollback(
                request.model, author=request.author, reason=request.reason
            )
            return pb.RollbackResponse(aliases=revision)

    def _require_store(self, model: str) -> Store:
        if self._store is not None and model in self._store.models():
            return self._store
        if any(status.id.model == model for status in self._manager.statuses()):
            raise FailedPrecondition(f"model {model!r} is served from a folder: it has no store", model=model)
        raise ModelNotFound(f"model {model!r} is neither stored nor served", model=model)

    def _require_writable(self, model: str) -> Store:
        store = self._require_store(model)
        if not self._writable:
            raise FailedPrecondition("this server's registry is read only; promote with the store's own command")
        return store

    def _model(self, name: str) -> pb.Model:
        versions = [_status(status) for status in self._manager.statuses() if status.id.model == name]
        aliases = _aliases(self._store, name) if self._store is not None else AliasRevision()
        return pb.Model(name=name, versions=versions, aliases=aliases if aliases.revision else None)

    def _version(self, manifest: Manifest, aliases: AliasRevision, problem: str = "") -> pb.Version:
        known = {(status.id.model, status.id.version): status for status in self._manager.statuses()}
        status = known.get((manifest.model, manifest.version))
        return pb.Version(
            manifest=manifest,
            status=_status(status) if status else _not_loaded(manifest.version, problem),
            aliases=sorted(alias for alias, route in aliases.routes.items() if manifest.version in route.weights),
        )


def _status(status: Status) -> pb.VersionStatus:
    return pb.VersionStatus(
        version=status.id.version,
        state=STATES[status.state],
        reason=status.reason,
        since=timestamp(status.since),
        failures=status.failures,
    )


def _not_loaded(version: int, problem: str) -> pb.VersionStatus:
    """The state of a version that this replica doesn't want: FAILED when the store's own record of it is broken."""
    state = pb.VERSION_STATE_FAILED if problem else pb.VERSION_STATE_NOT_LOADED
    return pb.VersionStatus(version=version, state=state, reason=problem)


def _aliases(store: Store, model: str) -> AliasRevision:
    """The newest aliases; none when they can't be read, so that one broken file hides no list."""
    try:
        return store.aliases(model)
    except InvalidBundle as error:
        log.warning("aliases of model %s: %s", model, error)
        return AliasRevision()
