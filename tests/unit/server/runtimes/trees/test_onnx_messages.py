"""Messages are written as ONNX's own package reads them."""

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.runtimes.trees.onnx_messages import MOST, Attribute, Port, model


def read(attributes: dict[str, Attribute]) -> dict[str, object]:
    content = model(("d", "Operator", 3), attributes, Port("x", 300), Port("y", 1))
    found = onnx.load_model_from_string(content)
    assert [(one.domain, one.version) for one in found.opset_import] == [("d", 3)]
    (node,) = found.graph.node
    assert (node.op_type, node.domain, list(node.input), list(node.output)) == ("Operator", "d", ["x"], ["y"])
    assert found.graph.input[0].type.tensor_type.shape.dim[1].dim_value == 300
    return {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}


@given(st.lists(st.integers(0, MOST), max_size=50), st.integers(0, MOST))
def test_numbers_and_lists_come_back(numbers: list[int], number: int) -> None:
    assert read({"n": number, "list": np.array(numbers, np.int64)}) == {"n": number, "list": numbers}


@given(st.lists(st.floats(), max_size=50))
def test_tensors_come_back_to_the_bit(values: list[float]) -> None:
    given_, small = np.array(values), np.arange(len(values), dtype=np.uint8)
    found = read({"values": given_, "small": small})
    for name, expected in (("values", given_), ("small", small)):
        tensor = found[name]
        assert isinstance(tensor, onnx.TensorProto)
        back = onnx.numpy_helper.to_array(tensor)
        assert (back.dtype, back.shape, back.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


@pytest.mark.parametrize("number", [-1, MOST + 1])
def test_a_number_that_has_no_room_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"expected 0 to {MOST}"):
        read({"list": np.array([1, number])})
