"""ModelInfer messages by their bytes: what two messages have in common is read once.

Clients send the same message again and again, but for its tensors' contents and its id. A frame is learned from one
such message and its answer. It finds the tensors of another by where they lie, and writes its answer around theirs,
byte for byte as protobuf would: https://protobuf.dev/programming-guides/encoding/. Only messages in the canonical form
(fields in the order of their numbers, each once) can be learned from, and only those that have the same bytes
everywhere else are read.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.types import Array, Tensors
from hotshelf_server.services.wire import RAW_INPUT_TAG, RAW_OUTPUT_TAG, varint
from hotshelf_store.tensors import DTYPES

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

MODEL_NAME, MODEL_VERSION, ID = 0x0A, 0x12, 0x1A
"""The tags of the first three fields, of request and response alike: the first bytes of each."""


class Beginning(NamedTuple):
    """The first fields of a message: model and version as they lie there, the id as it does, and where it goes on."""

    model: bytes
    identifier: bytes
    end: int


class Slot(NamedTuple):
    """An input's place: ``start`` to ``end``, from the end of the beginning, after the bytes ``lead``."""

    name: str
    lead: bytes
    start: int
    end: int
    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]


class Output(NamedTuple):
    """An output: what stands before its elements, and what they must be."""

    name: str
    lead: bytes
    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]


class Frame(NamedTuple):
    """``body``: what stands between the beginning and the contents; ``size``: bytes after the beginning in all;
    ``head``: model and version in the answer; ``rows``: what all inputs have, if they have rows, else 1. The inputs of
    messages that say the same in ``joins_as`` differ in their rows alone."""

    body: bytes
    size: int
    slots: tuple[Slot, ...]
    head: bytes
    outputs: tuple[Output, ...]
    rows: int
    joins_as: tuple[tuple[str, str, tuple[int, ...]], ...]

    def read(self, content: bytes, at: int) -> Tensors | None:
        """The inputs of a message whose beginning ends ``at``; None for one that isn't of this frame.

        Arrays are read-only, and aligned, which those in the middle of a message would not be.
        """
        return self.tensors(content, at) if self.fits(content, at) else None

    def fits(self, content: bytes, at: int) -> bool:
        """Whether a message whose beginning ends ``at`` is of this frame, but for what stands between its contents."""
        return len(content) - at == self.size and content.startswith(self.body, at)

    def tensors(self, content: bytes, at: int) -> Tensors | None:
        """The inputs of a message that `fits`, as `read` gives them."""
        found: dict[str, Array] = {}
        for name, lead, start, end, dtype, shape in self.slots:
            if not content.startswith(lead, at + start - len(lead)):
                return None
            found[name] = np.frombuffer(content[at + start : at + end], dtype).reshape(shape)
        return found

    def write(self, identifier: bytes, outputs: Tensors) -> bytes | None:
        """The answer; None for outputs of other shapes or dtypes than before."""
        pieces: list[Buffer] = [self.head, identifier]
        for name, lead, dtype, shape in self.outputs:
            array = outputs.get(name)
            if array is None or array.shape != shape or array.dtype != dtype:
                return None
            pieces += (lead, array.data if array.flags.c_contiguous else array.tobytes())
        return b"".join(pieces)


def beginning_of(content: bytes) -> Beginning | None:
    """The beginning of a message; None where it has none of the usual form. Texts are of ASCII, up to 127 letters."""
    try:
        if content[0] != MODEL_NAME:
            return None
        end = 2 + content[1]
        if content[end] == MODEL_VERSION:
            end += 2 + content[end + 1]
        model, start = content[:end], end
        if content[end] == ID:
            end += 2 + content[end + 1]
    except IndexError:
        return None
    identifier = content[start:end]
    return Beginning(model, identifier, end) if model.isascii() and identifier.isascii() else None


def learn(content: bytes, request: pb.ModelInferRequest, response: pb.ModelInferResponse) -> Frame | None:
    """The frame of a message and its answer; None where the answer depends on more than the tensors' elements, or they
    lie elsewhere."""
    beginning = beginning_of(content)
    if beginning is None or not _is_plain(request, response):
        return None
    bare = _without_contents(request)
    body = bare[beginning.end :]
    slots = _slots(request, len(body))
    outputs = _outputs(response)
    if bare + _contents(request) != content or slots is None or outputs is None:
        return None
    head = pb.ModelInferResponse(model_name=response.model_name, model_version=response.model_version)
    return Frame(
        body,
        len(content) - beginning.end,
        slots,
        head.SerializeToString(),
        outputs,
        _rows(slots),
        tuple((slot.name, slot.dtype.str, slot.shape[1:]) for slot in slots),
    )


def _without_contents(request: pb.ModelInferRequest) -> bytes:
    bare = pb.ModelInferRequest()
    bare.CopyFrom(request)
    bare.ClearField("raw_input_contents")
    return bare.SerializeToString()


def _contents(request: pb.ModelInferRequest) -> bytes:
    return b"".join(RAW_INPUT_TAG + varint(len(raw)) + raw for raw in request.raw_input_contents)


def _rows(slots: tuple[Slot, ...]) -> int:
    counts = {slot.shape[0] if slot.shape else 0 for slot in slots}
    return (counts.pop() if len(counts) == 1 else 0) or 1


def _is_plain(request: pb.ModelInferRequest, response: pb.ModelInferResponse) -> bool:
    """Whether there are no parameters, and only raw contents."""
    inputs, outputs = request.inputs, response.outputs
    return (
        not (request.parameters or response.parameters)
        and 0 < len(inputs) == len(request.raw_input_contents)
        and 0 < len(outputs) == len(response.raw_output_contents)
        and not any(tensor.parameters or tensor.HasField("contents") for tensor in inputs)
        and not any(tensor.parameters or tensor.HasField("contents") for tensor in outputs)
        and not any(output.parameters for output in request.outputs)
    )


def _slots(request: pb.ModelInferRequest, start: int) -> tuple[Slot, ...] | None:
    """Where the inputs lie when the first begins at ``start``; None for no elements, and for datatypes of no fixed
    size."""
    found = []
    for tensor, raw in zip(request.inputs, request.raw_input_contents, strict=True):
        dtype = DTYPES[tensor.datatype]
        if dtype.hasobject or not raw:
            return None
        lead = RAW_INPUT_TAG + varint(len(raw))
        start += len(lead)
        found.append(Slot(tensor.name, lead, start, start + len(raw), dtype, tuple(tensor.shape)))
        start += len(raw)
    return tuple(found)


def _outputs(response: pb.ModelInferResponse) -> tuple[Output, ...] | None:
    """The outputs; what says what all of them are stands before the elements of the first."""
    says = pb.ModelInferResponse(outputs=response.outputs).SerializeToString()
    found: list[Output] = []
    for tensor, raw in zip(response.outputs, response.raw_output_contents, strict=True):
        dtype = DTYPES[tensor.datatype]
        if dtype.hasobject:
            return None
        lead = RAW_OUTPUT_TAG + varint(len(raw))
        found.append(Output(tensor.name, lead if found else says + lead, dtype, tuple(tensor.shape)))
    return tuple(found)
