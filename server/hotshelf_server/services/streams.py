"""ModelStreamInfer: requests answered in the order in which they come, each by one response or by several."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.errors import Overloaded, Refusal, ServerDraining
from hotshelf_server.dataplane import Dataplane
from hotshelf_server.execution.executor import Cancellation
from hotshelf_server.services.calls import Call, Calls, Context
from hotshelf_server.services.messages import answer, read_request
from hotshelf_server.services.status import explain, refuse

RETRY_AFTER = 1.0
"""Seconds after which a stream too many may be tried again."""

METHOD = "ModelStreamInfer"
FINAL = "triton_final_response"


class Streams:
    """Streams of inferences. One that goes wrong is answered with its error, and the stream goes on."""

    def __init__(self, dataplane: Dataplane, calls: Calls, refusing: Callable[[], bool]) -> None:
        """``refusing`` tells whether the stream on this thread is one too many."""
        self._dataplane = dataplane
        self._calls = calls
        self._refusing = refusing

    def infer(
        self, requests: Iterator[pb.ModelInferRequest], context: Context
    ) -> Iterator[pb.ModelStreamInferResponse]:
        """A response for each request, or several for one to a decoupled model."""
        if self._refusing():
            with self._calls.frame(METHOD, context):
                raise Overloaded(
                    "as many streams are open as this server takes", RETRY_AFTER, refusal=Refusal.STREAMS_FULL
                )
        gone = _Gone(context)
        for request in requests:
            try:
                with self._calls.frame_in(context, METHOD, request.model_name) as call:
                    yield from self._answers(request, context, gone, call)
            except ServerDraining as error:
                # Nothing more can be answered here: end the stream, so that the client opens one elsewhere.
                refuse(context, error)
            except Exception as error:  # noqa: BLE001 - the frame has logged what nobody foresaw
                yield pb.ModelStreamInferResponse(
                    error_message=explain(error), infer_response=pb.ModelInferResponse(id=request.id)
                )

    def _answers(
        self, request: pb.ModelInferRequest, context: Context, gone: Cancellation, call: Call
    ) -> Iterator[pb.ModelStreamInferResponse]:
        asked = read_request(request, context, call.routed, gone)
        call.decoded()
        decoupled = False
        last = None
        with closing(self._dataplane.stream(asked.request)) as results:
            for place, last in enumerate(results):
                decoupled = last.decoupled
                if decoupled:
                    call.responded(place)
                response = answer(asked, request.id, last, {FINAL: not decoupled})
                yield pb.ModelStreamInferResponse(infer_response=response)
        if last is not None:
            call.answered(last.times, last.rows, request.id)
        if asked.empty_final_response and (decoupled or last is None):
            yield pb.ModelStreamInferResponse(infer_response=self._end(request, call))

    def _end(self, request: pb.ModelInferRequest, call: Call) -> pb.ModelInferResponse:
        """An answer without outputs, which says that it is the last."""
        version = str(call.version.version) if call.version else ""
        response = pb.ModelInferResponse(model_name=request.model_name, model_version=version, id=request.id)
        response.parameters[FINAL].bool_param = True
        return response


class _Gone:
    """Tells the request in hand when the client has gone. gRPC hears of it once a stream, not once a request, since it
    keeps whatever it hears of to the stream's end."""

    def __init__(self, context: Context) -> None:
        self._lock = threading.Lock()
        self._listener: Callable[[], None] | None = None
        self._gone = not context.add_callback(self._tell)

    def __call__(self, gone: Callable[[], None], /) -> bool:
        with self._lock:
            self._listener = gone
            return not self._gone

    def _tell(self) -> None:
        with self._lock:
            self._gone = True
            listener = self._listener
        if listener is not None:
            listener()
