"""ONNX graphs get texts, and nothing else that BYTES may hold."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.types import Response
from hotshelf_server.runtimes import RuntimePolicy, load
from hotshelf_store import Manifest, Signature, TensorSpec


@pytest.fixture
def echo(tmp_path: Path) -> Servable:
    """A graph that answers its texts."""
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.STRING, ["n"]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["x"], ["y"])], "echo", [x], [y])
    opset = onnx.helper.make_opsetid("", 17)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8), tmp_path / "model.onnx")
    tensors = [TensorSpec(name=name, datatype="BYTES", shape=[-1]) for name in "xy"]
    manifest = Manifest(runtime="onnx", signature=Signature(inputs=tensors[:1], outputs=tensors[1:]))
    return load(tmp_path, manifest, RuntimePolicy())


def test_texts_come_back(echo: Servable) -> None:
    answer = echo.predict({"x": np.array(["é".encode(), b""], dtype=object)}, {})
    assert isinstance(answer, Response)
    assert list(answer.outputs["y"]) == ["é".encode(), b""]


def test_bytes_that_are_no_text_are_refused(echo: Servable) -> None:
    with pytest.raises(InvalidInput, match="input 'x': expected texts in UTF-8"):
        echo.predict({"x": np.array([b"\xff"], dtype=object)}, {})
