"""Large messages are read as protobuf reads them, and written so that it reads what was meant."""

from typing import Any

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.types import TensorSpec
from hotshelf_server.services.codec import decode_inputs, encode_outputs, with_outputs
from hotshelf_server.services.wire import LARGE, MAX_FIELDS, OpenedRequest, OpenResponse, read, write

TEXTS = st.text(max_size=10)
INPUTS = st.builds(
    pb.ModelInferRequest.InferInputTensor,
    name=TEXTS,
    datatype=TEXTS,
    shape=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
)
REQUESTS = st.builds(
    pb.ModelInferRequest,
    model_name=TEXTS,
    model_version=TEXTS,
    id=TEXTS,
    parameters=st.dictionaries(TEXTS, st.builds(pb.InferParameter, int64_param=st.integers(-5, 5)), max_size=2),
    inputs=st.lists(INPUTS, max_size=3),
    outputs=st.lists(st.builds(pb.ModelInferRequest.InferRequestedOutputTensor, name=TEXTS), max_size=2),
    raw_input_contents=st.lists(st.binary(max_size=300), max_size=3),
)


def taken_apart(request: pb.ModelInferRequest) -> Any:
    return (
        request.model_name,
        request.model_version,
        request.id,
        dict(request.parameters),
        list(request.inputs),
        list(request.outputs),
        [bytes(raw) for raw in request.raw_input_contents],
    )


@given(REQUESTS, REQUESTS)
def test_a_request_is_read_as_by_protobuf(one: pb.ModelInferRequest, more: pb.ModelInferRequest) -> None:
    # Two messages one after the other are one to protobuf: fields in any order, and several times.
    content = one.SerializeToString() + more.SerializeToString()
    found = read(content, large=0)
    assert isinstance(found, OpenedRequest)
    assert taken_apart(found) == taken_apart(pb.ModelInferRequest.FromString(content))


@given(REQUESTS, st.data())
def test_whatever_bytes_come_they_are_read_or_refused_as_by_protobuf(
    request: pb.ModelInferRequest, draw: st.DataObject
) -> None:
    content = request.SerializeToString()
    place = draw.draw(st.integers(0, len(content)))
    content = content[:place] + draw.draw(st.binary(max_size=4)) + content[place + draw.draw(st.integers(0, 4)) :]
    try:
        expected = pb.ModelInferRequest.FromString(content)
    except DecodeError:
        with pytest.raises(DecodeError):
            read(content, large=0)
    else:
        assert taken_apart(read(content, large=0)) == taken_apart(expected)


def large_request(header: str = "m") -> bytes:
    array = np.arange(LARGE // 4, dtype=np.float32)
    request = pb.ModelInferRequest(model_name=header, raw_input_contents=[array.tobytes()])
    request.inputs.add(name="x", datatype="FP32", shape=array.shape)
    return request.SerializeToString()


@pytest.mark.parametrize("length", range(1, 9))
def test_the_elements_of_a_large_tensor_are_aligned_wherever_they_came(length: int) -> None:
    content = large_request("m" * length)
    request = read(content)
    assert isinstance(request, OpenedRequest)
    (tensor,) = decode_inputs(request)
    assert tensor.array.flags.aligned
    assert not tensor.array.flags.writeable
    assert tensor.array.tolist() == list(range(LARGE // 4))


def test_some_large_tensor_is_not_copied() -> None:
    found = [decode_inputs(read(large_request("m" * length)))[0].array for length in range(1, 5)]
    assert any(isinstance(array.base.base, memoryview) for array in found if array.base is not None)


def test_small_requests_and_those_of_many_fields_are_protobuf_s() -> None:
    small = pb.ModelInferRequest(model_name="m").SerializeToString()
    assert isinstance(read(small), pb.ModelInferRequest)
    many = pb.ModelInferRequest(raw_input_contents=[b""] * (MAX_FIELDS + 1)).SerializeToString()
    assert isinstance(read(many, large=0), pb.ModelInferRequest)


SPECS = {
    "FP64": np.linspace(0, 1, LARGE),
    "BOOL": np.arange(LARGE) % 3 == 0,
    "BYTES": np.array([b"a", b"", b"ccc"], object),
}


def test_a_large_response_is_written_as_by_protobuf() -> None:
    outputs = [(TensorSpec(name, name, array.shape), array) for name, array in SPECS.items()]
    outputs.append((TensorSpec("turned", "FP64", (2, LARGE // 2)), SPECS["FP64"].reshape(-1, 2).T))
    expected = pb.ModelInferResponse(model_name="m", model_version="1", id="i")
    expected.parameters["p"].int64_param = 1
    found = pb.ModelInferResponse()
    found.CopyFrom(expected)
    opened = with_outputs(found, outputs)
    encode_outputs(expected, outputs)
    assert isinstance(opened, OpenResponse)
    assert write(opened) == write(expected)


def test_a_small_response_is_a_message() -> None:
    array = np.ones(3)
    assert isinstance(
        with_outputs(pb.ModelInferResponse(), [(TensorSpec("y", "FP64", (3,)), array)]), pb.ModelInferResponse
    )
