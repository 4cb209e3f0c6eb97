"""Between the messages of an inference and the dataplane's words."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.types import Array, Parameter, TensorSpec, VersionId
from hotshelf_server.dataplane import Caller, InferRequest, InferResult
from hotshelf_server.execution.executor import Cancellation
from hotshelf_server.services.calls import Context, at_once, seconds_left
from hotshelf_server.services.classification import classify, count_of
from hotshelf_server.services.codec import (
    decode_inputs,
    decode_parameters,
    encode_outputs,
    encode_parameter,
    with_outputs,
)
from hotshelf_server.services.wishes import refuse_shared_memory, routing_key, wishes


class Asked(NamedTuple):
    """A request that was read: what the dataplane is asked, and what is then made of its answer.

    ``classes`` says for which outputs how many of the highest elements are wanted instead of the tensor.
    """

    request: InferRequest
    classes: Mapping[str, int]
    empty_final_response: bool


def read_request(
    request: pb.ModelInferRequest,
    context: Context,
    routed: Callable[[VersionId], None],
    cancellation: Cancellation | None = None,
) -> Asked:
    """Read a message; ``cancellation`` is the context's own unless it is given.

    Raises `InvalidInput` naming the part at fault and what was expected.
    """
    wished = wishes(decode_parameters(request.parameters), seconds_left(context))
    patience = wished.patience._replace(at_once=True) if at_once(context) else wished.patience
    key = wished.key
    refuse_shared_memory(request)
    classes = {
        output.name: count_of(output.name, decode_parameters(output.parameters))
        for output in request.outputs
        if output.parameters
    }
    return Asked(
        InferRequest(
            request.model_name,
            request.model_version,
            decode_inputs(request),
            [output.name for output in request.outputs],
            wished.parameters,
            Caller(
                patience,
                lambda: routing_key(context.invocation_metadata()) if key is None else key,
                routed,
                cancellation or context.add_callback,
            ),
        ),
        {name: count for name, count in classes.items() if count},
        wished.empty_final_response,
    )


def answer(
    asked: Asked, identifier: str, result: InferResult, extra: Mapping[str, Parameter] | None = None
) -> pb.ModelInferResponse:
    """The answer's message; ``extra`` parameters go over the model's."""
    response, outputs = _begun(asked, identifier, result, extra)
    encode_outputs(response, outputs)
    return response


def answer_by_wire(asked: Asked, identifier: str, result: InferResult) -> pb.ModelInferResponse:
    """The answer's message, or what `services.wire.write` writes as it."""
    return with_outputs(*_begun(asked, identifier, result, None))


def _begun(
    asked: Asked, identifier: str, result: InferResult, extra: Mapping[str, Parameter] | None
) -> tuple[pb.ModelInferResponse, Sequence[tuple[TensorSpec, Array]]]:
    """The answer's message without tensors, and those."""
    response = pb.ModelInferResponse(model_name=result.id.model, model_version=str(result.id.version), id=identifier)
    for name, value in {**result.parameters, **(extra or {})}.items():
        response.parameters[name].CopyFrom(encode_parameter(value))
    outputs = result.outputs
    if asked.classes:
        outputs = [
            classify(spec, array, asked.classes[spec.name], spec.categories)
            if spec.name in asked.classes
            else (spec, array)
            for spec, array in outputs
        ]
    return response, outputs
