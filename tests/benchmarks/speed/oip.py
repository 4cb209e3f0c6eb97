"""The Open Inference Protocol over gRPC."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import grpc
import numpy as np

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.types import Array
from hotshelf_store.tensors import DTYPES, decode, encode
from tests.benchmarks.speed.model import Model
from tests.benchmarks.speed.wire import TIMEOUT, Ask, Refused, Unreadable, Wire

METHOD = "/inference.GRPCInferenceService/ModelInfer"
LIMIT = 64 << 20
"""Bytes of a message."""
PREFIX = 5
"""Bytes of gRPC before a message."""
Infer: TypeAlias = "grpc.UnaryUnaryMultiCallable[bytes, bytes]"


def frame(message: bytes) -> bytes:
    """As gRPC sends it, uncompressed."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def request_of(model: Model, rows: Array) -> bytes:
    """ModelInfer with raw contents."""
    request = pb.ModelInferRequest(model_name=model.name)
    request.inputs.add(name=model.input.name, datatype=model.input.datatype, shape=rows.shape)
    request.raw_input_contents.append(encode(rows, model.input.datatype))
    for name, value in model.parameters.items():
        request.parameters[name].double_param = value
    return request.SerializeToString()


@contextmanager
def calling(port: int) -> Iterator[Ask]:
    """Over a connection of its own."""
    options = [("grpc.max_receive_message_length", LIMIT), ("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        call: Infer = channel.unary_unary(METHOD)

        def ask(request: bytes) -> bytes:
            try:
                return call(request, timeout=TIMEOUT)
            except grpc.RpcError as error:
                raise Refused(f"{error.code().name}: {error.details()}") from error

        yield ask


def values(answer: bytes, model: Model) -> Array:
    """The numbers of the model's output, raw or typed. Raises `Unreadable` where it is missing."""
    response = pb.ModelInferResponse.FromString(answer)
    names = [output.name for output in response.outputs]
    if model.output.name not in names:
        raise Unreadable(f"expected output {model.output.name!r}, found {names}")
    place = names.index(model.output.name)
    output = response.outputs[place]
    if response.raw_output_contents:
        return decode(response.raw_output_contents[place], output.datatype, tuple(output.shape))
    typed = {"FP32": output.contents.fp32_contents, "FP64": output.contents.fp64_contents}
    return np.array(typed[output.datatype], DTYPES[output.datatype])


OIP = Wire(
    METHOD, ("content-type: application/grpc", "te: trailers"), False, PREFIX, request_of, frame, calling, values
)
