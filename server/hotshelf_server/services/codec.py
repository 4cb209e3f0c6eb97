"""Protobuf ⇄ arrays. The only place where tensors meet the wire."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np

from hotshelf.inference.open_inference_pb2 import (
    InferParameter,
    ModelInferRequest,
    ModelInferResponse,
)
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import Array, Parameter, Parameters, TensorSpec
from hotshelf_server.core.validation import NamedTensor
from hotshelf_server.services.wire import LARGE, OpenResponse
from hotshelf_store.tensors import DTYPES, as_raw, decode, encode

CONTENTS: Mapping[str, str] = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}
"""The list that holds a datatype's elements; FP16 and BF16 have none."""

WIDEST = {field: DTYPES[datatype] for datatype, field in CONTENTS.items()}
"""The dtype that a list of contents has on the wire: of several datatypes in one list the last is the widest."""

Input = ModelInferRequest.InferInputTensor


def decode_inputs(request: ModelInferRequest) -> list[NamedTensor]:
    """The input tensors, raw or typed but never both. Raises `InvalidInput` naming the tensor and what was expected."""
    raw = request.raw_input_contents
    if not raw:
        return [_typed(tensor) for tensor in request.inputs]
    for tensor in request.inputs:
        if tensor.HasField("contents"):
            raise InvalidInput(
                f"input {tensor.name!r} has typed contents beside raw_input_contents; expected one of them",
                tensor=tensor.name,
            )
    if len(raw) != len(request.inputs):
        raise InvalidInput(
            f"{len(raw)} raw_input_contents for {len(request.inputs)} inputs; expected one for each",
            expected=len(request.inputs),
            found=len(raw),
        )
    return [_decoded(tensor, content) for tensor, content in zip(request.inputs, raw, strict=True)]


def encode_outputs(response: ModelInferResponse, outputs: Sequence[tuple[TensorSpec, Array]]) -> None:
    """Add the output tensors, raw, with the datatypes of their specs."""
    _describe(response, outputs)
    response.raw_output_contents.extend(encode(array, spec.datatype) for spec, array in outputs)


def with_outputs(response: ModelInferResponse, outputs: Sequence[tuple[TensorSpec, Array]]) -> ModelInferResponse:
    """The response with its output tensors, or what looks like it: then large ones are written from where they are."""
    if sum(array.nbytes for _, array in outputs) < LARGE:
        encode_outputs(response, outputs)
        return response
    _describe(response, outputs)
    opened = OpenResponse(response, [as_raw(array, spec.datatype) for spec, array in outputs])
    return cast("ModelInferResponse", opened)


def _describe(response: ModelInferResponse, outputs: Iterable[tuple[TensorSpec, Array]]) -> None:
    for spec, array in outputs:
        response.outputs.add(name=spec.name, datatype=spec.datatype, shape=array.shape)


def decode_parameters(parameters: Mapping[str, InferParameter]) -> Parameters:
    """Parameters as plain values. Raises `InvalidInput` for one without a value."""
    return {name: _parameter(name, parameter) for name, parameter in parameters.items()}


def encode_parameter(value: Parameter) -> InferParameter:
    """A plain value as a parameter."""
    match value:
        case bool():
            return InferParameter(bool_param=value)
        case int():
            return InferParameter(uint64_param=value) if value >= 1 << 63 else InferParameter(int64_param=value)
        case float():
            return InferParameter(double_param=value)
        case _:
            return InferParameter(string_param=value)


def _parameter(name: str, parameter: InferParameter) -> Parameter:
    kind = parameter.WhichOneof("parameter_choice")
    if kind is None:
        raise InvalidInput(f"parameter {name!r} has no value", parameter=name)
    value: Parameter = getattr(parameter, kind)
    return value


def _shape(tensor: Input) -> tuple[int, ...]:
    shape = tuple(tensor.shape)
    if tensor.datatype not in DTYPES:
        raise InvalidInput(
            f"input {tensor.name!r}: datatype {tensor.datatype!r}, expected one of {', '.join(DTYPES)}",
            tensor=tensor.name,
            found=tensor.datatype,
        )
    if any(size < 0 for size in shape):
        raise InvalidInput(f"input {tensor.name!r}: shape {list(shape)}, expected sizes from 0 up", tensor=tensor.name)
    return shape


def _decoded(tensor: Input, content: bytes) -> NamedTensor:
    shape = _shape(tensor)
    try:
        return NamedTensor(tensor.name, tensor.datatype, decode(content, tensor.datatype, shape))
    except ValueError as error:
        raise InvalidInput(f"input {tensor.name!r}: {error}", tensor=tensor.name) from error


def _typed(tensor: Input) -> NamedTensor:
    shape = _shape(tensor)
    field = CONTENTS.get(tensor.datatype)
    if field is None:
        raise InvalidInput(
            f"input {tensor.name!r}: {tensor.datatype} has no typed contents, expected raw_input_contents",
            tensor=tensor.name,
        )
    filled = [descriptor.name for descriptor, _ in tensor.contents.ListFields()]
    if filled not in ([], [field]):
        raise InvalidInput(
            f"input {tensor.name!r}: contents in {', '.join(filled)}, expected {field} for {tensor.datatype}",
            tensor=tensor.name,
            expected=field,
        )
    return NamedTensor(tensor.name, tensor.datatype, _filled(tensor, field, shape))


def _filled(tensor: Input, field: str, shape: tuple[int, ...]) -> Array:
    elements = getattr(tensor.contents, field)
    count = int(np.prod(shape, dtype=object)) if shape else 1
    if len(elements) != count:
        raise InvalidInput(
            f"input {tensor.name!r}: {len(elements)} elements, expected {count} for shape {list(shape)}",
            tensor=tensor.name,
            expected=count,
            found=len(elements),
        )
    array = np.empty(count, dtype=WIDEST[field])
    array[:] = elements
    try:
        return _narrowed(tensor, array).reshape(shape)
    except ValueError as error:  # NumPy has a largest number of dimensions, and one of bytes that an array spans
        raise InvalidInput(
            f"input {tensor.name!r}: shape with {len(shape)} sizes: {error}", tensor=tensor.name
        ) from error


def _narrowed(tensor: Input, array: Array) -> Array:
    """Bring 32-bit contents to a smaller integer, if every element fits."""
    dtype = DTYPES[tensor.datatype]
    if array.dtype == dtype:
        return array
    limits = np.iinfo(dtype)
    if array.size and (array.min() < limits.min or array.max() > limits.max):
        raise InvalidInput(
            f"input {tensor.name!r}: elements from {array.min()} to {array.max()}, "
            f"expected {limits.min} to {limits.max} for {tensor.datatype}",
            tensor=tensor.name,
        )
    return array.astype(dtype)
