"""Requests become arrays, or errors that name what was wrong."""

from typing import Any

import numpy as np
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import TensorSpec
from hotshelf_server.services.codec import decode_inputs, decode_parameters, encode_outputs, encode_parameter


def request(datatype: str, shape: list[int], raw: bytes | None = None, **contents: Any) -> pb.ModelInferRequest:
    tensor = pb.ModelInferRequest.InferInputTensor(name="x", datatype=datatype, shape=shape)
    if contents:
        tensor.contents.CopyFrom(pb.InferTensorContents(**contents))
    return pb.ModelInferRequest(inputs=[tensor], raw_input_contents=[] if raw is None else [raw])


@pytest.mark.parametrize(
    ("datatype", "field", "values", "dtype"),
    [
        ("BOOL", "bool_contents", [True, False], "?"),
        ("INT8", "int_contents", [-128, 127], "i1"),
        ("INT16", "int_contents", [-(2**15), 2**15 - 1], "i2"),
        ("INT32", "int_contents", [-(2**31), 2**31 - 1], "i4"),
        ("INT64", "int64_contents", [-(2**63), 2**63 - 1], "i8"),
        ("UINT8", "uint_contents", [0, 255], "u1"),
        ("UINT16", "uint_contents", [0, 2**16 - 1], "u2"),
        ("UINT32", "uint_contents", [0, 2**32 - 1], "u4"),
        ("UINT64", "uint64_contents", [0, 2**64 - 1], "u8"),
        ("FP32", "fp32_contents", [1.5, float("inf")], "f4"),
        ("FP64", "fp64_contents", [1e-300, float("-inf")], "f8"),
        ("BYTES", "bytes_contents", [b"a\x00", b""], "O"),
    ],
)
def test_typed_and_raw_contents_mean_the_same(datatype: str, field: str, values: list[Any], dtype: str) -> None:
    (typed,) = decode_inputs(request(datatype, [2], None, **{field: values}))
    expected = np.array(values, dtype=dtype)
    response = pb.ModelInferResponse()
    encode_outputs(response, [(TensorSpec("x", datatype, (2,)), expected)])
    (raw,) = decode_inputs(request(datatype, [2], raw=response.raw_output_contents[0]))
    assert typed.array.dtype == raw.array.dtype == expected.dtype
    assert list(typed.array) == list(raw.array) == list(expected)


@pytest.mark.parametrize("datatype", ["FP16", "BF16"])
def test_half_floats_come_raw_alone(datatype: str) -> None:
    (tensor,) = decode_inputs(request(datatype, [2], raw=b"\x00\x3c\x00\x40"))
    assert tensor.array.nbytes == 4
    with pytest.raises(InvalidInput, match=f"{datatype} has no typed contents"):
        decode_inputs(request(datatype, [2], fp32_contents=[1.0, 2.0]))


def test_a_size_of_zero_is_a_size() -> None:
    (tensor,) = decode_inputs(request("FP32", [0, 3]))
    assert tensor.array.shape == (0, 3)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (request("FP32", [2], raw=b"1234567"), r"'x': expected 8 bytes for FP32 \[2\], found 7"),
        (request("FP32", [2], fp32_contents=[1.0]), r"'x': 1 elements, expected 2 for shape \[2\]"),
        (request("FP32", [2], fp64_contents=[1.0, 2.0]), "'x': contents in fp64_contents, expected fp32_contents"),
        (
            request("FP32", [2], raw=b"12345678", fp32_contents=[1.0]),
            "'x' has typed contents beside raw_input_contents",
        ),
        (request("FP31", [2], fp32_contents=[1.0]), "'x': datatype 'FP31', expected one of BOOL"),
        (request("FP32", [-1], fp32_contents=[1.0]), r"'x': shape \[-1\], expected sizes from 0 up"),
        (request("INT8", [1], int_contents=[128]), "'x': elements from 128 to 128, expected -128 to 127 for INT8"),
        (request("UINT16", [1], uint_contents=[65536]), "expected 0 to 65535 for UINT16"),
        (
            request("BYTES", [1], raw=b"\x09\x00\x00\x00ab"),
            "'x': BYTES: an element of 9 bytes is announced, 2 are left",
        ),
        (request("FP32", [1] * 65, fp32_contents=[1.0]), "'x': shape with 65 sizes: maximum supported dimension"),
        (request("FP32", [0, 2**62, 2**62]), "'x': shape with 3 sizes: "),
        (request("FP32", [1] * 65, raw=b"1234"), "'x': "),
        (request("BYTES", [0, 2**62, 2**62], raw=b""), "'x': "),
        (request("FP64", [2**40, 2**40], fp64_contents=[1.0]), "1 elements, expected 1208925819614629174706176"),
    ],
)
def test_what_is_wrong_with_an_input_is_said(bad: pb.ModelInferRequest, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        decode_inputs(bad)


def test_each_input_needs_its_raw_contents() -> None:
    bad = request("FP32", [1], raw=b"1234")
    bad.raw_input_contents.append(b"")
    with pytest.raises(InvalidInput, match="2 raw_input_contents for 1 inputs"):
        decode_inputs(bad)


@pytest.mark.parametrize("value", [True, False, 0, -5, 2**63, 2**64 - 1, "text", "", 1.25])
def test_parameters_of_every_kind_come_back(value: bool | int | float | str) -> None:
    (back,) = decode_parameters({"p": encode_parameter(value)}).values()
    assert back == value
    assert type(back) is type(value)


def test_a_parameter_without_a_value_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'p' has no value"):
        decode_parameters({"p": pb.InferParameter()})
