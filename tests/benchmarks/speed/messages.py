"""Requests of a cell as they are posted, and the checking of answers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import grpc
import numpy as np

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.types import Array
from hotshelf_store.tensors import DTYPES, decode, encode
from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.load import METHOD, Message, Void, frame
from tests.benchmarks.speed.model import Model

LIMIT = 64 << 20
"""Bytes of a message."""
TIMEOUT = 60.0
Infer: TypeAlias = "grpc.UnaryUnaryMultiCallable[bytes, bytes]"
LEAST_CHECKED = 8
"""Calls of a cell that are checked, or twice as many as are made at once."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request, the file from which h2load posts it, and what must be answered."""

    request: bytes
    file: Path
    expected: Array


def questions(model: Model, cell: Cell, rounds: int, folder: Path) -> Sequence[Sequence[Question]]:
    """[rounds][connections] each with other rows. Writes their files."""
    found = [_question(model, cell.rows, seed, folder) for seed in range(1, rounds * cell.connections + 1)]
    return [found[start : start + cell.connections] for start in range(0, len(found), cell.connections)]


def request_of(model: Model, rows: Array) -> bytes:
    """ModelInfer with raw contents."""
    request = pb.ModelInferRequest(model_name=model.name)
    request.inputs.add(name=model.input.name, datatype=model.input.datatype, shape=rows.shape)
    request.raw_input_contents.append(encode(rows, model.input.datatype))
    for name, value in model.parameters.items():
        request.parameters[name].double_param = value
    return request.SerializeToString()


def checked(port: int, model: Model, cell: Cell, asked: Sequence[Question]) -> Sequence[Message]:
    """Ask by gRPC, as many calls at once as the cell has, and compare each answer. Raises `Void` for one that is wrong.

    Returns what may now be posted.
    """
    turns = list(asked) * -(-max(2 * cell.calls, LEAST_CHECKED) // len(asked))
    with _channel(port) as channel, ThreadPoolExecutor(cell.calls) as pool:
        call: Infer = channel.unary_unary(METHOD)

        def ask(question: Question) -> int:
            answer = _answer(call, question.request)
            compare(answer, question.expected, model)
            return len(answer)

        sizes = list(pool.map(ask, turns))
    for place in range(len(asked)):
        if len(found := set(sizes[place :: len(asked)])) != 1:
            raise Void(f"the same request gets answers of {sorted(found)} bytes: they can't be told from refusals")
    return [Message(question.file, size) for question, size in zip(asked, sizes, strict=False)]


def is_right(port: int, model: Model, question: Question) -> bool:
    """Whether a server answers by now; False where it refuses. Raises `Void` for a wrong answer."""
    with _channel(port) as channel:
        try:
            call: Infer = channel.unary_unary(METHOD)
            answer = call(question.request, timeout=TIMEOUT)
        except grpc.RpcError:
            return False
    compare(answer, question.expected, model)
    return True


def compare(answer: bytes, expected: Array, model: Model) -> None:
    """Raises `Void` for anything but the expected numbers, in any shape with as many."""
    found = values(pb.ModelInferResponse.FromString(answer), model.output.name)
    if found.size != expected.size:
        raise Void(f"expected {expected.size} numbers, found {found.size}")
    if not np.allclose(found.ravel(), expected.ravel(), rtol=model.tolerance, atol=0):
        difference = np.abs(found.ravel() - expected.ravel()).max()
        raise Void(f"wrong answer: {difference:g} off, allowed is {model.tolerance:g} of the value")


def values(response: pb.ModelInferResponse, name: str) -> Array:
    """The numbers of an output, raw or typed. Raises `Void` where it is missing."""
    names = [output.name for output in response.outputs]
    if name not in names:
        raise Void(f"expected output {name!r}, found {names}")
    place = names.index(name)
    output = response.outputs[place]
    if response.raw_output_contents:
        return decode(response.raw_output_contents[place], output.datatype, tuple(output.shape))
    typed = {"FP32": output.contents.fp32_contents, "FP64": output.contents.fp64_contents}
    return np.array(typed[output.datatype], DTYPES[output.datatype])


def _question(model: Model, rows: int, seed: int, folder: Path) -> Question:
    batch = model.draw(rows, seed)
    request = request_of(model, batch)
    file = folder / f"{model.name}-{rows}-{seed}"
    file.write_bytes(frame(request))
    return Question(request, file, model.answer(batch))


def _answer(call: Infer, request: bytes) -> bytes:
    try:
        return call(request, timeout=TIMEOUT)
    except grpc.RpcError as error:
        raise Void(f"refused: {error.code().name}: {error.details()}") from error


def _channel(port: int) -> grpc.Channel:
    options = [("grpc.max_receive_message_length", LIMIT), ("grpc.use_local_subchannel_pool", 1)]
    return grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
