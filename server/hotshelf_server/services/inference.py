"""``inference.GRPCInferenceService``: the Open Inference Protocol."""

from collections.abc import Callable

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceServicer
from hotshelf_server.core.errors import ModelNotReady
from hotshelf_server.core.types import TensorSpec
from hotshelf_server.dataplane import Dataplane, InferRequest
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.states import State
from hotshelf_server.services.calls import Calls, Context
from hotshelf_server.services.codec import decode_inputs, decode_parameters, encode_outputs, encode_parameter

EXTENSIONS = ("binary_tensor_data", "parameters")
STICKY_KEY = "routing_key"
"""Request parameter that keeps a caller on one version of a split route."""


class InferenceService(GRPCInferenceServiceServicer):
    """The six core RPCs."""

    def __init__(
        self, dataplane: Dataplane, manager: Manager, calls: Calls, ready: Callable[[], bool], version: str
    ) -> None:
        self._dataplane = dataplane
        self._manager = manager
        self._calls = calls
        self._ready = ready
        self._version = version

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
                with self._manager.lease(request.name, request.version) as lease:
                    call.answered_by(lease.id)
            except ModelNotReady:
                return pb.ModelReadyResponse(ready=False)
            return pb.ModelReadyResponse(ready=True)

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
            call.answered_by(version)
            harnesses = self._manager.table(request.name).harnesses
            ready = sorted(number for number, held in harnesses.items() if held.status.state is State.READY)
            return pb.ModelMetadataResponse(
                name=request.name,
                versions=[str(number) for number in ready],
                platform="hotshelf",
                inputs=[_metadata(spec) for spec in signature.inputs],
                outputs=[_metadata(spec) for spec in signature.outputs],
            )

    def ModelInfer(self, request: pb.ModelInferRequest, context: Context) -> pb.ModelInferResponse:
        """One inference; always answered raw."""
        with self._calls.frame("ModelInfer", context, request.model_name) as call:
            parameters = decode_parameters(request.parameters)
            result = self._dataplane.infer(
                InferRequest(
                    request.model_name,
                    request.model_version,
                    decode_inputs(request),
                    [output.name for output in request.outputs],
                    parameters,
                    context.time_remaining(),
                    str(parameters.get(STICKY_KEY, "")),
                )
            )
            call.answered_by(result.id)
            response = pb.ModelInferResponse(
                model_name=result.id.model, model_version=str(result.id.version), id=request.id
            )
            for name, value in result.parameters.items():
                response.parameters[name].CopyFrom(encode_parameter(value))
            encode_outputs(response, result.outputs)
            return response


def _metadata(spec: TensorSpec) -> pb.ModelMetadataResponse.TensorMetadata:
    return pb.ModelMetadataResponse.TensorMetadata(name=spec.name, datatype=spec.datatype, shape=spec.shape)
