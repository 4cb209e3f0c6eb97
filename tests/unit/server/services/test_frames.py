"""Frames read what protobuf reads and write what protobuf writes, or nothing."""

from typing import NamedTuple

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import Array
from hotshelf_server.services.codec import decode_inputs
from hotshelf_server.services.frames import beginning_of, learn
from hotshelf_store.tensors import DTYPES

FIXED = sorted(name for name, dtype in DTYPES.items() if not dtype.hasobject)
NAMES = st.text(max_size=140) | st.text("ab_-.1", max_size=20)
SHAPES = st.lists(st.integers(0, 5), max_size=3).map(tuple)


class Kind(NamedTuple):
    """What messages of one frame have in common: names, datatypes and shapes of inputs and outputs."""

    model: str
    version: str
    inputs: list[tuple[str, str, tuple[int, ...]]]
    outputs: list[tuple[str, str, tuple[int, ...]]]
    wanted: list[str]


TENSORS = st.lists(
    st.tuples(NAMES, st.sampled_from(FIXED), SHAPES), min_size=1, max_size=3, unique_by=lambda one: one[0]
)
KINDS = st.builds(
    Kind, NAMES, st.sampled_from(("", "1", "champion", "12")), TENSORS, TENSORS, st.lists(NAMES, max_size=2)
)


def filled(draw: st.DataObject, datatype: str, shape: tuple[int, ...]) -> bytes:
    size = DTYPES[datatype].itemsize * int(np.prod(shape, dtype=int))
    return draw.draw(st.binary(min_size=size, max_size=size))


def request_of(kind: Kind, draw: st.DataObject, identifier: str) -> pb.ModelInferRequest:
    request = pb.ModelInferRequest(model_name=kind.model, model_version=kind.version, id=identifier)
    for name, datatype, shape in kind.inputs:
        request.inputs.add(name=name, datatype=datatype, shape=shape)
        request.raw_input_contents.append(filled(draw, datatype, shape))
    for name in kind.wanted:
        request.outputs.add(name=name)
    return request


def response_of(kind: Kind, draw: st.DataObject, identifier: str) -> pb.ModelInferResponse:
    response = pb.ModelInferResponse(model_name=kind.model, model_version="7", id=identifier)
    for name, datatype, shape in kind.outputs:
        response.outputs.add(name=name, datatype=datatype, shape=shape)
        response.raw_output_contents.append(filled(draw, datatype, shape))
    return response


def arrays_of(response: pb.ModelInferResponse) -> dict[str, Array]:
    return {
        output.name: np.frombuffer(raw, DTYPES[output.datatype]).reshape(tuple(output.shape))
        for output, raw in zip(response.outputs, response.raw_output_contents, strict=True)
    }


@given(KINDS, st.text("abc-19", max_size=130), st.text("abc-19", max_size=130), st.data())
def test_another_message_of_the_kind_is_read_and_answered_as_by_protobuf(
    kind: Kind, first: str, second: str, draw: st.DataObject
) -> None:
    request = request_of(kind, draw, first)
    frame = learn(request.SerializeToString(), request, response_of(kind, draw, first))
    other, answer = request_of(kind, draw, second), response_of(kind, draw, second)
    content = other.SerializeToString()
    beginning = beginning_of(content)
    if frame is None or beginning is None:
        # Names and ids that aren't short and of ASCII, and tensors without elements, which are left to protobuf.
        texts = (kind.model, first, second)
        strange = any(not text.isascii() or len(text) > 127 for text in texts)
        assert not kind.model or strange or any(0 in shape for _, _, shape in kind.inputs)
        return
    inputs = frame.read(content, beginning.end)
    assert inputs is not None
    for tensor in decode_inputs(other):
        assert inputs[tensor.name].dtype == tensor.array.dtype
        assert inputs[tensor.name].shape == tensor.array.shape
        assert inputs[tensor.name].tobytes() == tensor.array.tobytes()
        assert inputs[tensor.name].flags.aligned
    assert frame.write(beginning.identifier, arrays_of(answer)) == answer.SerializeToString()


@given(KINDS, st.data())
def test_a_message_with_other_bytes_is_read_as_protobuf_reads_it_or_not_at_all(kind: Kind, draw: st.DataObject) -> None:
    request = request_of(kind, draw, "1")
    content = request.SerializeToString()
    frame = learn(content, request, response_of(kind, draw, "1"))
    place = draw.draw(st.integers(0, len(content)))
    changed = content[:place] + draw.draw(st.binary(max_size=3)) + content[place + draw.draw(st.integers(0, 3)) :]
    beginning = beginning_of(changed)
    inputs = None if frame is None or beginning is None else frame.read(changed, beginning.end)
    if inputs is None or beginning is None:
        return
    try:
        parsed = pb.ModelInferRequest.FromString(changed)
        tensors = decode_inputs(parsed)
    except (DecodeError, InvalidInput) as error:
        raise AssertionError("a message was read that protobuf refuses") from error
    assert {tensor.name: tensor.array.tobytes() for tensor in tensors} == {
        name: array.tobytes() for name, array in inputs.items()
    }
    assert [one.name for one in parsed.outputs] == kind.wanted
    said = pb.ModelInferRequest.FromString(beginning.model + beginning.identifier)
    assert (said.model_name, said.model_version, said.id) == (parsed.model_name, parsed.model_version, parsed.id)


def plain() -> tuple[pb.ModelInferRequest, pb.ModelInferResponse]:
    request = pb.ModelInferRequest(model_name="m")
    request.inputs.add(name="x", datatype="FP32", shape=[1])
    request.raw_input_contents.append(b"1234")
    response = pb.ModelInferResponse(model_name="m", model_version="1")
    response.outputs.add(name="y", datatype="FP32", shape=[1])
    response.raw_output_contents.append(b"5678")
    return request, response


def test_a_plain_message_has_a_frame() -> None:
    request, response = plain()
    assert learn(request.SerializeToString(), request, response) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda request, _: request.parameters["priority"].CopyFrom(pb.InferParameter(int64_param=1)),
        lambda request, _: request.inputs[0].parameters["a"].CopyFrom(pb.InferParameter(int64_param=1)),
        lambda request, _: (
            request.outputs.add(name="y").parameters["classification"].CopyFrom(pb.InferParameter(int64_param=1))
        ),
        lambda request, _: request.inputs[0].contents.fp32_contents.append(1),
        lambda request, _: request.ClearField("raw_input_contents"),
        lambda _, response: response.parameters["a"].CopyFrom(pb.InferParameter(int64_param=1)),
        lambda request, _: request.MergeFrom(
            pb.ModelInferRequest(
                inputs=[pb.ModelInferRequest.InferInputTensor(name="t", datatype="BYTES", shape=[0])],
                raw_input_contents=[b""],
            )
        ),
        lambda _, response: response.MergeFrom(
            pb.ModelInferResponse(
                outputs=[pb.ModelInferResponse.InferOutputTensor(name="t", datatype="BYTES", shape=[0])],
                raw_output_contents=[b""],
            )
        ),
    ],
    ids=["parameter", "of input", "of output", "typed", "empty", "of answer", "texts", "texts answered"],
)
def test_what_is_not_plain_has_none(change: object) -> None:
    request, response = plain()
    assert callable(change)
    change(request, response)
    assert learn(request.SerializeToString(), request, response) is None


def test_a_message_in_another_order_has_none() -> None:
    request, response = plain()
    contents = pb.ModelInferRequest(raw_input_contents=request.raw_input_contents).SerializeToString()
    canonical = request.SerializeToString()
    assert canonical.endswith(contents)
    other = contents + canonical.removesuffix(contents)
    assert pb.ModelInferRequest.FromString(other) == request
    assert learn(other, request, response) is None
    assert (
        learn(canonical + b"\xfa\x3f\x01x", pb.ModelInferRequest.FromString(canonical + b"\xfa\x3f\x01x"), response)
        is None
    )


def test_outputs_that_differ_from_before_are_not_written() -> None:
    request, response = plain()
    frame = learn(request.SerializeToString(), request, response)
    assert frame is not None
    assert frame.write(b"", {"y": np.ones(1, np.float32)}) is not None
    assert frame.write(b"", {"y": np.ones(2, np.float32)}) is None
    assert frame.write(b"", {"y": np.ones(1)}) is None
    assert frame.write(b"", {"y": np.ones(2, np.float32)[::2]}) is not None
    assert frame.write(b"", {}) is None


def test_outputs_are_written_row_by_row_however_they_lie_in_memory() -> None:
    request, response = plain()
    array = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    del response.outputs[:], response.raw_output_contents[:]
    response.outputs.add(name="y", datatype="FP32", shape=[2, 3])
    response.raw_output_contents.append(array.tobytes())
    frame = learn(request.SerializeToString(), request, response)
    assert frame is not None
    assert frame.write(b"", {"y": np.asfortranarray(array)}) == frame.write(b"", {"y": array}) is not None
