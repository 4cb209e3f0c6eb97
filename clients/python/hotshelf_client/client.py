"""The client of a Hotshelf server."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

import numpy.typing as npt

from hotshelf.inference import open_inference_pb2, open_inference_pb2_grpc
from hotshelf.recommend.v1 import recommend_pb2_grpc
from hotshelf.registry.v1 import registry_pb2, registry_pb2_grpc
from hotshelf_client import inference, recommending, registry
from hotshelf_client.answers import (
    Model,
    ModelMetadata,
    Parameter,
    Prediction,
    Recommendations,
    Routing,
    Traffic,
    Version,
)
from hotshelf_client.connection import Connection
from hotshelf_client.errors import DeadlineExceeded, Unavailable, translated
from hotshelf_client.names import Lookup


class Client:
    """Calls one server, or every replica behind one name. May be shared by threads; close it, or use it in ``with``.

    ``address`` is ``host:port``; ``timeout`` bounds every call, retries included, in seconds. Calls that change nothing
    are retried up to three times while the server is unavailable. All errors are `HotshelfError`; a request that can't
    be expressed at all raises `TypeError` or `ValueError` before anything is sent. ``version`` is a number or an alias,
    and by default the champion.

    A name is looked up every `LOOK_SECONDS`, so that servers that come get calls within seconds, by a thread that ends
    when the client is closed. ``lookup``, which is as `socket.getaddrinfo`, takes the place of the system's.
    """

    def __init__(self, address: str, *, timeout: float = 10.0, lookup: Lookup | None = None) -> None:
        self._timeout = timeout
        self._connection = Connection(address, lookup)
        self._inference = open_inference_pb2_grpc.GRPCInferenceServiceStub(self._connection.healthy)
        self._recommendation = recommend_pb2_grpc.RecommendationServiceStub(self._connection.healthy)
        # Who asks for a server's state wants an answer above all when it isn't ready.
        self._state = open_inference_pb2_grpc.GRPCInferenceServiceStub(self._connection.any)
        self._registry = registry_pb2_grpc.RegistryServiceStub(self._connection.any)

    def close(self) -> None:
        """Give the connections back; calls that still run are cancelled."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def predict(
        self,
        model: str,
        inputs: Mapping[str, npt.ArrayLike],
        *,
        version: int | str = "",
        parameters: Mapping[str, Parameter] | None = None,
        outputs: Iterable[str] = (),
    ) -> Prediction:
        """Compute the model's outputs (default: all) for arrays by input name.

        An array's dtype must be the input's datatype: float32 for FP32, and so on; texts and bytes are BYTES.
        """
        request = inference.request(model, str(version), inputs, parameters or {}, outputs)
        with translated():
            answer = self._inference.ModelInfer(request, timeout=self._timeout)
        return inference.prediction(answer)

    def recommend(
        self,
        model: str,
        customer: str,
        k: int = 10,
        *,
        basket: Iterable[str] = (),
        repeat_policy: str = "mixed",
        exclude: Iterable[str] = (),
        as_of: datetime | None = None,
        version: int | str = "",
    ) -> Recommendations:
        """The ``k`` best products for a customer; an unknown customer gets popular ones, and ``fallback`` says so.

        ``repeat_policy`` is ``mixed``, ``new_only`` or ``buy_again``. Products in ``basket`` steer the answer and are
        never in it, nor are those in ``exclude``. Ages are counted from ``as_of`` (with a time zone; default: the
        model's choice).
        """
        request = recommending.request(
            model=model,
            version=str(version),
            customer=customer,
            k=k,
            basket=basket,
            repeat_policy=repeat_policy,
            exclude=exclude,
            as_of=as_of,
        )
        with translated():
            answer = self._recommendation.Recommend(request, timeout=self._timeout)
        return recommending.recommendations(answer)

    def ready(self, model: str | None = None) -> bool:
        """Whether the server, or one model on it, can answer now. A server that can't be reached is not ready.

        Raises `NotFound` for a model that the server doesn't know.
        """
        try:
            with translated():
                if model is None:
                    server = open_inference_pb2.ServerReadyRequest()
                    return self._state.ServerReady(server, timeout=self._timeout).ready
                request = open_inference_pb2.ModelReadyRequest(name=model)
                return self._state.ModelReady(request, timeout=self._timeout).ready
        except (Unavailable, DeadlineExceeded):
            return False

    def metadata(self, model: str, version: int | str = "") -> ModelMetadata:
        """What a model takes and gives."""
        request = open_inference_pb2.ModelMetadataRequest(name=model, version=str(version))
        with translated():
            answer = self._inference.ModelMetadata(request, timeout=self._timeout)
        return inference.metadata(answer)

    def models(self) -> list[Model]:
        """Every model that the server knows, by name."""
        with translated():
            return list(self._list_models())

    def watch_models(self, *models: str, timeout: float | None = None) -> Iterator[Model]:
        """Each model (default: all) as it is now, and again whenever it changes on the replica that answers.

        Goes on until it is closed, ``timeout`` seconds are over (`DeadlineExceeded`) or the server stops
        (`Unavailable`). Who reads slowly gets the newest state, not every one.
        """
        call = self._registry.WatchModels(registry_pb2.WatchModelsRequest(models=models), timeout=timeout)
        try:
            with translated():
                for message in call:
                    yield registry.model(message.model, message.replica_id)
        finally:
            call.cancel()

    def traffic(self, model: str) -> Traffic:
        """What the replica that answers counted of a model's calls since it started."""
        with translated():
            return registry.traffic(
                self._registry.GetTraffic(registry_pb2.GetTrafficRequest(model=model), timeout=self._timeout)
            )

    def versions(self, model: str) -> list[Version]:
        """The versions of a model in the store, newest first."""
        with translated():
            return [registry.version(message) for message in self._list_versions(model)]

    def history(self, model: str, most: int = 20) -> list[Routing]:
        """At most so many entries (1 to 1,000) of a model's alias log, newest first."""
        request = registry_pb2.ListAliasHistoryRequest(model=model, page_size=most)
        with translated():
            answer = self._registry.ListAliasHistory(request, timeout=self._timeout)
        return [registry.routing(message) for message in answer.revisions]

    def promote(self, model: str, version: int, reason: str = "", *, author: str = "", force: bool = False) -> Routing:
        """Make a version the champion.

        Raises `FailedPrecondition` when the gate didn't pass it against the present champion; ``force`` overrules the
        gate, needs a reason, and is kept in the alias log.
        """
        request = registry_pb2.PromoteRequest(model=model, version=version, reason=reason, author=author, force=force)
        with translated():
            return registry.routing(self._registry.Promote(request, timeout=self._timeout).aliases)

    def rollback(self, model: str, reason: str = "", *, author: str = "") -> Routing:
        """Make the previous champion the champion again."""
        request = registry_pb2.RollbackRequest(model=model, reason=reason, author=author)
        with translated():
            return registry.routing(self._registry.Rollback(request, timeout=self._timeout).aliases)

    def set_alias(
        self,
        model: str,
        alias: str,
        weights: Mapping[int, int],
        reason: str = "",
        *,
        expected_revision: int | None,
        author: str = "",
        force: bool = False,
    ) -> Routing:
        """Point an alias at versions with relative shares of the traffic; without weights, remove it.

        Raises `Conflict` when the alias log is not at ``expected_revision``; None says: wherever it is. For
        ``champion`` the rules of `promote` hold for each version whose share grows.
        """
        request = registry_pb2.SetAliasRequest(
            model=model, alias=alias, weights=weights, reason=reason, author=author, force=force
        )
        if expected_revision is None:
            request.any_revision = True
        else:
            request.expected_revision = expected_revision
        with translated():
            return registry.routing(self._registry.SetAlias(request, timeout=self._timeout).aliases)

    def _list_models(self) -> Iterator[Model]:
        request = registry_pb2.ListModelsRequest()
        while True:
            page = self._registry.ListModels(request, timeout=self._timeout)
            yield from (registry.model(message, page.replica_id) for message in page.models)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def _list_versions(self, model: str) -> Iterator[registry_pb2.Version]:
        request = registry_pb2.ListVersionsRequest(model=model)
        while True:
            page = self._registry.ListVersions(request, timeout=self._timeout)
            yield from page.versions
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token
