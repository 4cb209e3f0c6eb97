"""Every datatype goes to a model and comes back as it was sent, raw and typed."""

from collections.abc import Mapping
from typing import Any

import grpc
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store.tensors import DTYPES, Array, encode
from tests.integration.protocol.speaking import arrays, ask

# The server is shared and answers each request alone, so that it may well be the same for all examples.
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

FIXED = sorted(set(DTYPES) - {"BYTES"})
LISTS = {
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
TEXTS = st.lists(st.sampled_from([b"", b"\0", b"a\0b\0", "größer".encode(), b"\xff" * 300]) | st.binary(max_size=8))
shapes = st.tuples(st.integers(0, 3), st.integers(0, 3))


def empty() -> dict[str, tuple[str, Array]]:
    """The mirror's inputs, each without elements."""
    return {datatype.lower(): (datatype, np.empty((0, 2), dtype=dtype)) for datatype, dtype in DTYPES.items()}


def mirrored(stub: GRPCInferenceServiceStub, datatype: str, array: Array) -> tuple[bytes, list[int]]:
    """What comes back raw, and its shape, when all other inputs are empty."""
    name = datatype.lower()
    answer = stub.ModelInfer(ask("mirror", {**empty(), name: (datatype, array)}, outputs=[name]))
    (output,) = answer.outputs
    assert (output.name, output.datatype) == (name, datatype)
    return answer.raw_output_contents[0], list(output.shape)


def from_bits(datatype: str, bits: bytes, shape: tuple[int, int]) -> Array:
    """A tensor of any bits; truth values are 0 or 1."""
    dtype = DTYPES[datatype]
    raw = np.frombuffer(bits, dtype=np.uint8)[: shape[0] * shape[1] * dtype.itemsize]
    return (raw & 1 if datatype == "BOOL" else raw).view(dtype).reshape(shape)


@pytest.mark.parametrize("datatype", FIXED)
@few
@given(bits=st.binary(min_size=72, max_size=72), shape=shapes)
def test_raw_tensors_keep_every_bit(
    stub: GRPCInferenceServiceStub, datatype: str, bits: bytes, shape: tuple[int, int]
) -> None:
    array = from_bits(datatype, bits, shape)
    assert mirrored(stub, datatype, array) == (array.tobytes(), list(shape))


@pytest.mark.parametrize(
    ("datatype", "integer", "bits"),
    [
        ("FP16", "u2", [0x7C00, 0xFC00, 0x7E01, 0x7D55, 0x8000]),
        ("BF16", "u2", [0x7F80, 0xFF80, 0x7FC1, 0x7FA5, 0x8000]),
        ("FP32", "u4", [0x7F800000, 0xFF800000, 0x7FC00001, 0x7F800123, 0x80000000]),
        ("FP64", "u8", [0x7FF << 52, 0xFFF << 52, 0x7FF8000000000001, 0x7FF0000000000123, 1 << 63]),
    ],
)
def test_infinities_negative_zeros_and_payloads_of_nan_are_kept(
    stub: GRPCInferenceServiceStub, datatype: str, integer: str, bits: list[int]
) -> None:
    array = np.array([bits], dtype=f"<{integer}").view(DTYPES[datatype])
    assert mirrored(stub, datatype, array)[0] == array.tobytes()


@few
@given(texts=TEXTS)
def test_raw_texts_keep_nulls_and_emptiness(stub: GRPCInferenceServiceStub, texts: list[bytes]) -> None:
    array = np.array([*texts, None], dtype=object)[:-1].reshape(1, -1)
    assert mirrored(stub, "BYTES", array) == (encode(array, "BYTES"), [1, len(texts)])


def typed(stub: GRPCInferenceServiceStub, contents: Mapping[str, Any]) -> dict[str, Array]:
    """The mirror's outputs for typed contents, each one row; what is not given is empty."""
    request = pb.ModelInferRequest(model_name="mirror")
    for datatype, field in LISTS.items():
        values = contents.get(datatype, [])
        tensor = request.inputs.add(name=datatype.lower(), datatype=datatype, shape=[1, len(values)])
        getattr(tensor.contents, field).extend(values)
    request.outputs.extend([pb.ModelInferRequest.InferRequestedOutputTensor(name=one.lower()) for one in contents])
    return arrays(stub.ModelInfer(request))


@pytest.mark.parametrize("datatype", ["FP16", "BF16"])
def test_half_precision_has_no_typed_contents(stub: GRPCInferenceServiceStub, datatype: str) -> None:
    request = pb.ModelInferRequest(model_name="mirror")
    request.inputs.add(name=datatype.lower(), datatype=datatype, shape=[1, 1]).contents.fp32_contents.append(1.0)
    with pytest.raises(grpc.RpcError, match=f"{datatype} has no typed contents, expected raw_input_contents"):
        stub.ModelInfer(request)


def extremes(datatype: str) -> list[Any]:
    """The elements of a datatype that are most easily lost."""
    dtype = DTYPES[datatype]
    match dtype.kind:
        case "i" | "u":
            return [int(np.iinfo(dtype).min), int(np.iinfo(dtype).max), 0, 1]
        case "f":
            limits = np.finfo(dtype)
            return [float(limits.max), float(limits.tiny), float("inf"), float("-inf"), float("nan"), -0.0]
        case "b":
            return [True, False]
    return [b"", b"a\0b", b"\0", b"\xff"]


@pytest.mark.parametrize("datatype", sorted(LISTS))
def test_typed_contents_arrive_as_the_same_elements(stub: GRPCInferenceServiceStub, datatype: str) -> None:
    expected = np.array([extremes(datatype)], dtype=DTYPES[datatype])
    np.testing.assert_array_equal(typed(stub, {datatype: expected[0].tolist()})[datatype.lower()], expected)


@pytest.mark.parametrize(
    ("datatype", "value"),
    [("INT8", 128), ("INT8", -129), ("INT16", 1 << 15), ("UINT8", 256), ("UINT16", 1 << 16)],
)
def test_an_element_that_its_datatype_cannot_hold_is_refused(
    stub: GRPCInferenceServiceStub, datatype: str, value: int
) -> None:
    with pytest.raises(grpc.RpcError, match=f"elements from {value} to {value}, expected .* for {datatype}"):
        typed(stub, {datatype: [value]})


def test_contents_in_the_list_of_another_datatype_are_refused(stub: GRPCInferenceServiceStub) -> None:
    request = pb.ModelInferRequest(model_name="mirror")
    request.inputs.add(name="int64", datatype="INT64", shape=[1, 1]).contents.int_contents.append(1)
    with pytest.raises(grpc.RpcError, match="contents in int_contents, expected int64_contents for INT64"):
        stub.ModelInfer(request)


def test_outputs_come_in_the_order_in_which_they_are_asked_for_and_none_twice(stub: GRPCInferenceServiceStub) -> None:
    answer = stub.ModelInfer(ask("mirror", empty(), outputs=["int8", "bool"]))
    assert [output.name for output in answer.outputs] == ["int8", "bool"]
    with pytest.raises(grpc.RpcError, match="output 'bool' is asked for twice"):
        stub.ModelInfer(ask("mirror", empty(), outputs=["bool", "int8", "bool"]))


def test_parameters_of_every_kind_go_to_the_model_and_come_back(stub: GRPCInferenceServiceStub) -> None:
    sent = ask("mirror", empty(), flag=True, count=-(1 << 63), half=0.5, endless=float("inf"), text="größer\0")
    sent.parameters["large"].uint64_param = (1 << 64) - 1
    sent.parameters["empty"].string_param = ""
    assert stub.ModelInfer(sent).parameters == sent.parameters


def test_parameters_for_the_server_do_not_reach_the_model(stub: GRPCInferenceServiceStub) -> None:
    sent = ask("mirror", empty(), priority=1, timeout=60_000_000, routing_key="me", own="mine")
    assert list(stub.ModelInfer(sent).parameters) == ["own"]


@pytest.mark.parametrize("name", ["sequence_id", "sequence_start", "sequence_end"])
def test_sequences_are_refused_by_name(stub: GRPCInferenceServiceStub, name: str) -> None:
    sent = ask("mirror", empty())
    sent.parameters[name].int64_param = 1
    with pytest.raises(grpc.RpcError, match=f"parameter '{name}': this server has no sequences"):
        stub.ModelInfer(sent)


@pytest.mark.parametrize("whose", ["inputs", "outputs"])
def test_shared_memory_is_refused_by_name(stub: GRPCInferenceServiceStub, whose: str) -> None:
    sent = ask("gated", outputs=["y"])
    tensor = getattr(sent, whose)[0]
    tensor.parameters["shared_memory_region"].string_param = "region"
    tensor.parameters["shared_memory_byte_size"].int64_param = 8
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(sent)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert f"put {tensor.name!r} is in shared memory" in str(caught.value.details())
