"""ONNX models by onnxruntime. Inputs and outputs are the graph's own."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime

from hotshelf_server.core.errors import BadBundle, InvalidInput, ModelFault
from hotshelf_server.core.types import Array, Parameters, Response, Signature, Tensors, TensorSpec
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_store.tensors import DTYPES

FILE = "model.onnx"
LIBRARIES = ("onnxruntime",)
DATATYPES = {
    "tensor(bool)": "BOOL",
    "tensor(uint8)": "UINT8",
    "tensor(uint16)": "UINT16",
    "tensor(uint32)": "UINT32",
    "tensor(uint64)": "UINT64",
    "tensor(int8)": "INT8",
    "tensor(int16)": "INT16",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(float16)": "FP16",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(string)": "BYTES",
}


class OnnxServable:
    """A session. Running it is thread-safe and leaves the interpreter's lock."""

    def __init__(self, session: onnxruntime.InferenceSession, signature: Signature) -> None:
        self._session = session
        self._names = [spec.name for spec in signature.outputs]
        self.signature = signature

    def predict(self, inputs: Tensors, parameters: Parameters) -> Response:  # noqa: ARG002 - takes no parameters
        """Run the graph for the outputs of the signature."""
        feed = {name: _to_strings(name, array) if array.dtype == object else array for name, array in inputs.items()}
        try:
            found = self._session.run(self._names, feed)
        except Exception as error:  # onnxruntime raises classes that it doesn't export
            raise ModelFault(f"the model refused the input: {error}") from error
        specs = self.signature.outputs
        return Response(
            {spec.name: _from_runtime(value, spec.datatype) for spec, value in zip(specs, found, strict=True)}
        )

    def close(self) -> None:
        """Nothing but memory is held."""


def load(folder: Path, signature: Signature, options: Mapping[str, str], policy: RuntimePolicy) -> OnnxServable:
    """Load ``model.onnx``, or the file that option ``file`` names."""
    session = open_session(folder / options.get("file", FILE), policy.threads)
    derived = derive(session)
    # Categories tell people what a graph's texts may be; the graph itself says nothing of them.
    inputs = tuple(replace(spec, categories=()) for spec in signature.inputs)
    if inputs != derived.inputs or not set(signature.outputs) <= set(derived.outputs):
        raise BadBundle(f"signature says {signature}, the model has {derived}")
    return OnnxServable(session, signature)


def open_session(model: Path | bytes, threads: int) -> onnxruntime.InferenceSession:
    """A session on CPUs, of a file or of its content. Raises `BadBundle`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        given = model if isinstance(model, bytes) else str(model)
        return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes that it doesn't export
        name = "the content" if isinstance(model, bytes) else model.name
        raise BadBundle(f"{name} is no ONNX model that onnxruntime can run: {error}") from error


def derive(session: onnxruntime.InferenceSession) -> Signature:
    """The whole signature of a graph; outputs that are no tensors (maps, sequences) are left out."""
    outputs = [node for node in session.get_outputs() if node.type in DATATYPES]
    return Signature(
        tuple(_spec(node) for node in session.get_inputs()),
        tuple(_spec(node) for node in outputs),
    )


def _spec(node: onnxruntime.NodeArg) -> TensorSpec:
    if node.type not in DATATYPES:
        raise BadBundle(f"input {node.name!r} is a {node.type}, expected one of {', '.join(DATATYPES)}")
    sizes = (size if isinstance(size, int) else -1 for size in node.shape)
    return TensorSpec(node.name, DATATYPES[node.type], tuple(sizes))


def _to_strings(name: str, array: Array) -> Array:
    try:
        texts = [element.decode() for element in array.ravel()]
    except UnicodeDecodeError as error:
        raise InvalidInput(f"input {name!r}: expected texts in UTF-8: {error}", tensor=name) from error
    return np.array(texts, dtype=object).reshape(array.shape)


def _from_runtime(value: Array, datatype: str) -> Array:
    if datatype != "BYTES":
        return np.asarray(value, dtype=DTYPES[datatype])
    encoded = np.empty(value.shape, dtype=object)
    encoded.ravel()[:] = [str(element).encode() for element in value.ravel()]
    return encoded
