"""The classification extension, over the wire."""

import grpc
import numpy as np
import pytest

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store.tensors import Array
from tests.integration.protocol.speaking import arrays, ask
from tests.integration.protocol.test_datatypes import empty


def classes(stub: GRPCInferenceServiceStub, datatype: str, array: Array, count: int = 2) -> list[list[bytes]]:
    """The highest elements of each row of a tensor that comes back."""
    name = datatype.lower()
    request = ask("mirror", {**empty(), name: (datatype, array)}, outputs=[name])
    request.outputs[0].parameters["classification"].int64_param = count
    answer = stub.ModelInfer(request)
    assert answer.outputs[0].datatype == "BYTES"
    return arrays(answer)[name].tolist()  # type: ignore[no-any-return]  # rows of texts


def test_the_highest_of_each_row_come_as_value_and_index(stub: GRPCInferenceServiceStub) -> None:
    array = np.array([[0.25, 0.5, 0.125], [3.0, float("nan"), 3.0]])
    assert classes(stub, "FP64", array) == [[b"0.500000:1", b"0.250000:0"], [b"3.000000:0", b"3.000000:2"]]


@pytest.mark.parametrize("datatype", ["INT64", "UINT64"])
def test_whole_numbers_stay_whole_and_are_told_apart_to_the_last_digit(
    stub: GRPCInferenceServiceStub, datatype: str
) -> None:
    top = (1 << 63) - 1
    array = np.array([[top - 1, top, 0]], dtype=datatype.lower())
    assert classes(stub, datatype, array) == [[f"{top}:1".encode(), f"{top - 1}:0".encode()]]


def test_more_classes_than_there_are_give_all(stub: GRPCInferenceServiceStub) -> None:
    assert len(classes(stub, "FP32", np.zeros((1, 3), dtype="f4"), 100)[0]) == 3


def test_texts_have_no_order_to_classify_by(stub: GRPCInferenceServiceStub) -> None:
    with pytest.raises(grpc.RpcError, match="classification needs numbers"):
        classes(stub, "BYTES", np.array([[b"a"]], dtype=object))
