"""Requests and answers of the Open Inference Protocol."""

from collections.abc import Iterable, Mapping

import numpy.typing as npt

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_client.answers import ModelMetadata, Parameter, Prediction, TensorSpec
from hotshelf_client.errors import BadAnswer
from hotshelf_client.tensors import as_tensor, decode, encode

INT64 = range(-(2**63), 2**63)


def request(
    model: str,
    version: str,
    inputs: Mapping[str, npt.ArrayLike],
    parameters: Mapping[str, Parameter],
    outputs: Iterable[str],
) -> pb.ModelInferRequest:
    """The request for one inference. Raises `TypeError`, naming the input, for what the protocol can't carry."""
    message = pb.ModelInferRequest(model_name=model, model_version=version)
    for name, value in inputs.items():
        array = as_tensor(value)
        try:
            datatype, raw = encode(array)
        except TypeError as error:
            raise TypeError(f"input {name!r}: {error}") from None
        message.inputs.add(name=name, datatype=datatype, shape=array.shape)
        message.raw_input_contents.append(raw)
    for name, parameter in parameters.items():
        message.parameters[name].CopyFrom(_parameter(name, parameter))
    for name in outputs:
        message.outputs.add(name=name)
    return message


def prediction(message: pb.ModelInferResponse) -> Prediction:
    """The answer of one inference. Raises `BadAnswer` when its contents don't fit its own shapes."""
    if len(message.outputs) != len(message.raw_output_contents):
        raise BadAnswer(
            f"expected raw contents for {len(message.outputs)} outputs, found {len(message.raw_output_contents)}"
        )
    outputs = {}
    for output, raw in zip(message.outputs, message.raw_output_contents, strict=True):
        try:
            outputs[output.name] = decode(output.datatype, tuple(output.shape), raw)
        except ValueError as error:
            raise BadAnswer(f"output {output.name!r}: {error}") from error
    return Prediction(
        outputs=outputs,
        model=message.model_name,
        version=_number(message.model_version),
        parameters={name: _value(parameter) for name, parameter in message.parameters.items()},
    )


def metadata(message: pb.ModelMetadataResponse) -> ModelMetadata:
    """What a model takes and gives."""
    return ModelMetadata(
        name=message.name,
        versions=tuple(map(_number, message.versions)),
        platform=message.platform,
        inputs=tuple(map(_spec, message.inputs)),
        outputs=tuple(map(_spec, message.outputs)),
    )


def _spec(message: pb.ModelMetadataResponse.TensorMetadata) -> TensorSpec:
    return TensorSpec(message.name, message.datatype, tuple(message.shape))


def _number(version: str) -> int:
    try:
        return int(version)
    except ValueError:
        raise BadAnswer(f"expected a version's number, found {version!r}") from None


def _parameter(name: str, value: Parameter) -> pb.InferParameter:
    match value:
        case bool():
            return pb.InferParameter(bool_param=value)
        case int() if value in INT64:
            return pb.InferParameter(int64_param=value)
        case float():
            return pb.InferParameter(double_param=value)
        case str():
            return pb.InferParameter(string_param=value)
    raise TypeError(f"parameter {name!r}: expected bool, int of 64 bits, float or str, found {value!r}")


def _value(parameter: pb.InferParameter) -> Parameter:
    kind = parameter.WhichOneof("parameter_choice")
    value: Parameter = getattr(parameter, kind) if kind else ""
    return value
