"""A server that speaks Hotshelf's protocols and thinks nothing of them: for tests of clients."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from hotshelf.inference import open_inference_pb2 as inference
from hotshelf.inference import open_inference_pb2_grpc as inference_grpc
from hotshelf.recommend.v1 import recommend_pb2 as recommend
from hotshelf.recommend.v1 import recommend_pb2_grpc as recommend_grpc
from hotshelf.registry.v1 import alias_pb2 as alias
from hotshelf.registry.v1 import registry_pb2 as registry
from hotshelf.registry.v1 import registry_pb2_grpc as registry_grpc

MAX_MESSAGE_BYTES = 65 * 2**20


@dataclass(frozen=True)
class Fault:
    """A status to end a call with."""

    code: grpc.StatusCode
    message: str = "no"
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    details: bytes | None = None

    def trailer(self) -> bytes:
        """The value of grpc-status-details-bin."""
        if self.details is not None:
            return self.details
        status = Status(code=self.code.value[0], message=self.message)
        found: list[Message] = [ErrorInfo(reason=self.reason, domain="hotshelf", metadata=self.metadata)]
        if self.retry_after is not None:
            found.append(RetryInfo(retry_delay=Duration(nanos=int(self.retry_after * 1e9))))
        for detail in found:
            packed = AnyMessage()
            packed.Pack(detail)
            status.details.append(packed)
        return status.SerializeToString()


class _WithoutExtensions(inference_grpc.GRPCInferenceServiceServicer):
    """Answers the RPCs of the protocol's extensions as a server does that has none."""

    def _none(self, request_iterator: Any, context: Any) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "this fake has no extensions")

    ModelStreamInfer = _none

    def _no_message(self, request: Any, context: Any) -> Any:
        self._none(request, context)

    ModelConfig = ModelStatistics = RepositoryIndex = _no_message
    RepositoryModelLoad = RepositoryModelUnload = TraceSetting = LogSettings = _no_message


class FakeHotshelf(
    _WithoutExtensions,
    recommend_grpc.RecommendationServiceServicer,
    registry_grpc.RegistryServiceServicer,
):
    """Notes every request, and answers by kind: `answers`, or `faults`, each of which ends one call."""

    def __init__(self) -> None:
        self.address = ""
        self.requests: list[Any] = []
        self.faults: list[Fault] = []
        self.answers: dict[str, list[Any]] = {}
        self.release = Event()
        self.release.set()

    def _answer(self, request: Any, context: grpc.ServicerContext, default: Any) -> Any:
        self.requests.append(request)
        self.release.wait(10)
        if self.faults:
            fault = self.faults.pop(0)
            context.set_trailing_metadata((("grpc-status-details-bin", fault.trailer()),))
            context.abort(fault.code, fault.message)
        queued = self.answers.get(type(request).__name__)
        return queued.pop(0) if queued else default

    def ServerLive(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, inference.ServerLiveResponse(live=True))

    def ServerReady(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, inference.ServerReadyResponse(ready=True))

    def ModelReady(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, inference.ModelReadyResponse(ready=True))

    def ServerMetadata(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, inference.ServerMetadataResponse(name="fake"))

    def ModelMetadata(self, request: Any, context: Any) -> Any:
        tensor = inference.ModelMetadataResponse.TensorMetadata
        answer = inference.ModelMetadataResponse(
            name=request.name,
            versions=["1", "2"],
            platform="hotshelf_fake",
            inputs=[
                tensor(name="x", datatype="FP32", shape=[-1, 2]),
                tensor(name="word", datatype="BYTES", shape=[-1]),
                tensor(name="count", datatype="UINT8", shape=[-1]),
                tensor(name="flag", datatype="BOOL", shape=[-1]),
            ],
            outputs=[tensor(name="y", datatype="FP32", shape=[-1])],
        )
        return self._answer(request, context, answer)

    def ModelInfer(self, request: Any, context: Any) -> Any:
        """By default, every input comes back as an output."""
        answer = inference.ModelInferResponse(
            model_name=request.model_name,
            model_version="7",
            parameters=request.parameters,
            raw_output_contents=request.raw_input_contents,
        )
        for tensor in request.inputs:
            answer.outputs.add(name=tensor.name, datatype=tensor.datatype, shape=tensor.shape)
        return self._answer(request, context, answer)

    def Recommend(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, recommend.RecommendResponse(model=request.model, version=7))

    def ListModels(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, registry.ListModelsResponse())

    def ListVersions(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, registry.ListVersionsResponse())

    def GetVersion(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, registry.GetVersionResponse())

    def ListAliasHistory(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, registry.ListAliasHistoryResponse())

    def Promote(self, request: Any, context: Any) -> Any:
        entry = alias.AliasRevision(
            revision=4,
            routes={"champion": alias.Route(weights={request.version: 1})},
            change=alias.CHANGE_PROMOTE,
            author=request.author,
            reason=request.reason,
            forced=request.force,
        )
        return self._answer(request, context, registry.PromoteResponse(aliases=entry))

    def Rollback(self, request: Any, context: Any) -> Any:
        entry = alias.AliasRevision(
            revision=5, routes={"champion": alias.Route(weights={1: 1})}, change=alias.CHANGE_ROLLBACK
        )
        return self._answer(request, context, registry.RollbackResponse(aliases=entry))

    def SetAlias(self, request: Any, context: Any) -> Any:
        entry = alias.AliasRevision(
            revision=6,
            routes={request.alias: alias.Route(weights=request.weights)} if request.weights else {},
            change=alias.CHANGE_SET_ALIAS,
            author=request.author,
            reason=request.reason,
        )
        return self._answer(request, context, registry.SetAliasResponse(aliases=entry))

    def WatchModels(self, request: Any, context: Any) -> Any:
        """Queued lists of responses, each a stream."""
        yield from self._answer(request, context, [])

    def GetTraffic(self, request: Any, context: Any) -> Any:
        return self._answer(request, context, registry.GetTrafficResponse())


@contextmanager
def serving() -> Iterator[FakeHotshelf]:
    """A fake on a free port of this machine."""
    fake = FakeHotshelf()
    server = grpc.server(
        ThreadPoolExecutor(4),
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ],
    )
    inference_grpc.add_GRPCInferenceServiceServicer_to_server(fake, server)
    recommend_grpc.add_RecommendationServiceServicer_to_server(fake, server)
    registry_grpc.add_RegistryServiceServicer_to_server(fake, server)
    fake.address = f"localhost:{server.add_insecure_port('localhost:0')}"
    server.start()
    try:
        yield fake
    finally:
        fake.release.set()
        server.stop(0).wait()
