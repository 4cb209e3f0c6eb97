"""``inference.GRPCInferenceService``: the Open Inference Protocol, with Triton's extensions."""

from collections.abc import Callable, Iterator

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceServicer
from hotshelf_server.core.errors import ModelNotReady
from hotshelf_server.core.types import TensorSpec, VersionId
from hotshelf_server.dataplane import Dataplane
from hotshelf_server.models.manager import Manager
from hotshelf_server.services.calls import Calls, Context, seconds_left
from hotshelf_server.services.introspection import Introspection
from hotshelf_server.services.messages import answer_by_wire, read_request
from hotshelf_server.services.operating import Operating
from hotshelf_server.services.repository import RepositoryCalls
from hotshelf_server.services.streams import Streams

EXTENSIONS = (
    "binary_tensor_data",
    "classification",
    "logging",
    "model_configuration",
    "model_repository",
    "parameters",
    "schedule_policy",
    "statistics",
    "trace",
)


class InferenceService(GRPCInferenceServiceServicer):
    """The core RPCs; those of the extensions are handed on to who knows them."""

    def __init__(
        self,
        dataplane: Dataplane,
        manager: Manager,
        calls: Calls,
        ready: Callable[[], bool],
        *,
        able: Callable[[VersionId], bool],
        version: str,
        introspection: Introspection,
        repository: RepositoryCalls,
        operating: Operating,
        streams: Streams,
    ) -> None:
        """``version`` is the server's own; ``able``: whether also other workers answer calls for a version."""
        self._dataplane = dataplane
        self._manager = manager
        self._calls = calls
        self._ready = ready
        self._able = able
        self._version = version
        self._introspection = introspection
        self._repository = repository
        self._operating = operating
        self._streams = streams

    def ServerLive(self, request: pb.ServerLiveRequest, context: Context) -> pb.ServerLiveResponse:  # noqa: ARG002
        """Answering is the proof."""
        return pb.ServerLiveResponse(live=True)

    def ServerReady(self, request: pb.ServerReadyRequest, context: Context) -> pb.ServerReadyResponse:  # noqa: ARG002
        """False before the first loads were tried, and while the server drains."""
        return pb.ServerReadyResponse(ready=self._ready())

    def ModelReady(self, request: pb.ModelReadyRequest, context: Context) -> pb.ModelReadyResponse:
        """Whether a call for that version would be answered."""
        with self._calls.frame("ModelReady", context, request.name) as call:
            try:
                found = self._manager.find(request.name, request.version)
            except ModelNotReady:
                return pb.ModelReadyResponse(ready=False)
            call.routed(found)
            return pb.ModelReadyResponse(ready=self._able(found))

    def ServerMetadata(
        self,
        request: pb.ServerMetadataRequest,  # noqa: ARG002
        context: Context,  # noqa: ARG002
    ) -> pb.ServerMetadataResponse:
        """Who answers."""
        return pb.ServerMetadataResponse(name="hotshelf", version=self._version, extensions=EXTENSIONS)

    def ModelMetadata(self, request: pb.ModelMetadataRequest, context: Context) -> pb.ModelMetadataResponse:
        """The signature of the version that a call would reach."""
        with self._calls.frame("ModelMetadata", context, request.name) as call:
            version, signature = self._dataplane.signature(request.name, request.version)
            call.routed(version)
            return pb.ModelMetadataResponse(
                name=request.name,
                versions=[str(number) for number in self._manager.table(request.name).callable()],
                platform="hotshelf",
                inputs=[_metadata(spec) for spec in signature.inputs],
                outputs=[_metadata(spec) for spec in signature.outputs],
            )

    def ModelInfer(self, request: pb.ModelInferRequest, context: Context) -> pb.ModelInferResponse:
        """One inference; always answered raw."""
        with self._calls.frame("ModelInfer", context, request.model_name) as call:
            asked = read_request(request, context, call.routed)
            call.decoded()
            result = self._dataplane.infer(asked.request)
            call.answered(result.times, result.rows, request.id)
            return answer_by_wire(asked, request.id, result)

    def ModelStreamInfer(
        self, requests: Iterator[pb.ModelInferRequest], context: Context
    ) -> Iterator[pb.ModelStreamInferResponse]:
        """Inferences in a stream."""
        return self._streams.infer(requests, context)

    def ModelConfig(self, request: pb.ModelConfigRequest, context: Context) -> pb.ModelConfigResponse:
        """How a model is served."""
        with self._calls.frame("ModelConfig", context, request.name):
            return self._introspection.config(request)

    def ModelStatistics(self, request: pb.ModelStatisticsRequest, context: Context) -> pb.ModelStatisticsResponse:
        """What was counted."""
        with self._calls.frame("ModelStatistics", context, request.name):
            return self._introspection.statistics(request)

    def RepositoryIndex(self, request: pb.RepositoryIndexRequest, context: Context) -> pb.RepositoryIndexResponse:
        """The models that could be served."""
        with self._calls.frame("RepositoryIndex", context):
            return self._repository.index(request)

    def RepositoryModelLoad(
        self, request: pb.RepositoryModelLoadRequest, context: Context
    ) -> pb.RepositoryModelLoadResponse:
        """Load a model, and wait for it."""
        with self._calls.frame("RepositoryModelLoad", context, request.model_name):
            self._repository.load(request, seconds_left(context))
            return pb.RepositoryModelLoadResponse()

    def RepositoryModelUnload(
        self, request: pb.RepositoryModelUnloadRequest, context: Context
    ) -> pb.RepositoryModelUnloadResponse:
        """Unload a model."""
        with self._calls.frame("RepositoryModelUnload", context, request.model_name):
            self._repository.unload(request, seconds_left(context))
            return pb.RepositoryModelUnloadResponse()

    def TraceSetting(self, request: pb.TraceSettingRequest, context: Context) -> pb.TraceSettingResponse:
        """The settings of tracing, after a change."""
        with self._calls.frame("TraceSetting", context, request.model_name):
            if request.model_name:
                self._manager.table(request.model_name)
            return self._operating.trace(request)

    def LogSettings(self, request: pb.LogSettingsRequest, context: Context) -> pb.LogSettingsResponse:
        """The settings of logging, after a change."""
        with self._calls.frame("LogSettings", context):
            return self._operating.logs(request)


def _metadata(spec: TensorSpec) -> pb.ModelMetadataResponse.TensorMetadata:
    return pb.ModelMetadataResponse.TensorMetadata(name=spec.name, datatype=spec.datatype, shape=spec.shape)
