"""``hotshelf.registry.v1.RegistryService``: what the store holds, what this replica made of it, and the aliases."""

from collections.abc import Callable, Container, Iterator, Mapping

from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceServicer
from hotshelf_server.core.errors import FailedPrecondition, InvalidInput, ModelNotFound, Overloaded, Refusal
from hotshelf_server.observability.traffic import VersionTraffic
from hotshelf_server.services.calls import Calls, Context
from hotshelf_server.services.paging import page
from hotshelf_server.services.replica import Replica
from hotshelf_server.services.traffic_messages import traffic_message
from hotshelf_server.services.watch import ModelWatch
from hotshelf_store import AliasRevision, Manifest, Store

Counted = Callable[[str], tuple[str, Mapping[int, VersionTraffic]]]
"""Gives the name of whoever counted, and a model's counts by version."""

MAX_WATCHED = 1_000
"""Names in the filter of a watch."""

STREAM_RETRY_AFTER = 5.0
"""Seconds after which a refused watcher may come again: streams stay open for long."""


class RegistryService(RegistryServiceServicer):
    """Reads store and replica. It writes to the store on an operator's word alone: promote, roll back, set an alias."""

    def __init__(
        self,
        replica: Replica,
        store: Store | None,
        calls: Calls,
        *,
        watch: ModelWatch,
        traffic: Counted,
        refusing: Callable[[], bool],
        writable: bool,
        written: Callable[[], None],
    ) -> None:
        """``store`` is None for a server that serves folders.

        ``refusing``: whether the stream on this thread is one too many; ``written`` is called after the aliases have
        changed.
        """
        self._replica = replica
        self._store = store
        self._calls = calls
        self._watch = watch
        self._traffic = traffic
        self._refusing = refusing
        self._writable = writable
        self._written = written

    def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        """Every model that is stored or served."""
        with self._calls.frame("ListModels", context):
            chosen, token = page(self._replica.names(), request.page_size, request.page_token)
            models = self._replica.models(chosen).values()
            return pb.ListModelsResponse(models=models, next_page_token=token, replica_id=self._replica.id)

    def ListVersions(self, request: pb.ListVersionsRequest, context: Context) -> pb.ListVersionsResponse:
        """The live versions of a model."""
        with self._calls.frame("ListVersions", context, request.model):
            store = self._require_store(request.model)
            listed = store.survey(request.model)
            chosen, token = page(listed[::-1], request.page_size, request.page_token)
            aliases = self._replica.aliases(request.model)
            versions = [self._version(one.manifest, aliases, one.problem) for one in chosen]
            return pb.ListVersionsResponse(versions=versions, next_page_token=token)

    def GetVersion(self, request: pb.GetVersionRequest, context: Context) -> pb.GetVersionResponse:
        """One version."""
        with self._calls.frame("GetVersion", context, request.model):
            store = self._require_store(request.model)
            manifest = store.manifest(request.model, request.version)
            return pb.GetVersionResponse(version=self._version(manifest, self._replica.aliases(request.model)))

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
            self._written()
            return pb.PromoteResponse(aliases=revision)

    def Rollback(self, request: pb.RollbackRequest, context: Context) -> pb.RollbackResponse:
        """Bring the previous champion back."""
        with self._calls.frame("Rollback", context, request.model):
            revision = self._require_writable(request.model).rollback(
                request.model, author=request.author, reason=request.reason
            )
            self._written()
            return pb.RollbackResponse(aliases=revision)

    def SetAlias(self, request: pb.SetAliasRequest, context: Context) -> pb.SetAliasResponse:
        """Compare and set."""
        with self._calls.frame("SetAlias", context, request.model):
            expected = _expected(request)
            store = self._require_writable(request.model)
            if request.weights:
                revision = store.set_alias(
                    request.model,
                    request.alias,
                    request.weights,
                    author=request.author,
                    reason=request.reason,
                    expected_revision=expected,
                    force=request.force,
                )
            else:
                revision = store.remove_alias(
                    request.model,
                    request.alias,
                    author=request.author,
                    reason=request.reason,
                    expected_revision=expected,
                )
            self._written()
            return pb.SetAliasResponse(aliases=revision)

    def WatchModels(self, request: pb.WatchModelsRequest, context: Context) -> Iterator[pb.WatchModelsResponse]:
        """Every model now, then what changes."""
        with self._calls.frame("WatchModels", context):
            if self._refusing():
                raise Overloaded(
                    "as many streams are open as this server takes",
                    STREAM_RETRY_AFTER,
                    refusal=Refusal.STREAMS_FULL,
                )
            if len(request.models) > MAX_WATCHED:
                raise InvalidInput(
                    f"models: {len(request.models)} names, expected at most {MAX_WATCHED}", field="models"
                )
            names: Container[str] = frozenset(request.models) or _Every()
            context.add_callback(self._watch.wake)
            for model in self._watch.follow(names, lambda: not context.is_active()):
                yield pb.WatchModelsResponse(model=model, replica_id=self._replica.id)

    def GetTraffic(self, request: pb.GetTrafficRequest, context: Context) -> pb.GetTrafficResponse:
        """This replica's counts."""
        with self._calls.frame("GetTraffic", context, request.model):
            if not self._replica.known(request.model):
                self._require_store(request.model)
            return traffic_message(*self._traffic(request.model))

    def _require_store(self, model: str) -> Store:
        if self._store is not None and model in self._store.models():
            return self._store
        if self._replica.known(model):
            raise FailedPrecondition(f"model {model!r} is served from a folder: it has no store", model=model)
        raise ModelNotFound(f"model {model!r} is neither stored nor served", model=model)

    def _require_writable(self, model: str) -> Store:
        store = self._require_store(model)
        if not self._writable:
            raise FailedPrecondition("this server's registry is read only; use the store's own command")
        return store

    def _version(self, manifest: Manifest, aliases: AliasRevision, problem: str = "") -> pb.Version:
        return pb.Version(
            manifest=manifest,
            status=self._replica.status(manifest.model, manifest.version, problem),
            aliases=sorted(alias for alias, route in aliases.routes.items() if manifest.version in route.weights),
        )


class _Every:
    """Holds every name."""

    def __contains__(self, name: object) -> bool:
        return True


def _expected(request: pb.SetAliasRequest) -> int | None:
    """The revision that the caller expects; None for any. Raises `InvalidInput` when it says neither."""
    if request.HasField("expected_revision"):
        return request.expected_revision
    if not request.any_revision:
        raise InvalidInput("expected: give expected_revision, or any_revision = true", field="expected")
    return None
