"""Answers are compared with what is expected before anything is measured, and a server's count with its answers."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
import numpy as np
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.counting import agree, settled
from tests.benchmarks.speed.load import Void
from tests.benchmarks.speed.messages import Question, checked, is_right, questions
from tests.benchmarks.speed.model import Model, Tensor
from tests.benchmarks.speed.models import normal
from tests.benchmarks.speed.oip import OIP, frame
from tests.benchmarks.speed.servers.server import Counted
from tests.benchmarks.speed.wire import Target

Answer = Callable[[pb.ModelInferRequest], pb.ModelInferResponse]
CELL = Cell("double", 2, 4)
MODEL = Model(
    "double",
    Path(),
    None,
    Tensor("input", "FP32", 28),
    Tensor("output", "FP64", 28),
    1e-12,
    lambda rows: 2.0 * rows,
    normal(np.float32),
)


def doubled(request: pb.ModelInferRequest, *, off: float = 0.0, typed: bool = False) -> pb.ModelInferResponse:
    rows = np.frombuffer(request.raw_input_contents[0], np.float32).astype(float) * 2 + off
    response = pb.ModelInferResponse(model_name=request.model_name)
    output = response.outputs.add(name="output", datatype="FP64", shape=request.inputs[0].shape)
    if typed:
        output.contents.fp64_contents.extend(rows)
    else:
        response.raw_output_contents.append(rows.tobytes())
    return response


@contextmanager
def answering(answer: Answer) -> Iterator[int]:
    def infer(request: pb.ModelInferRequest, context: grpc.ServicerContext) -> pb.ModelInferResponse:
        try:
            return answer(request)
        except ValueError as error:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error))

    handlers = {
        "ModelInfer": grpc.unary_unary_rpc_method_handler(
            infer, pb.ModelInferRequest.FromString, pb.ModelInferResponse.SerializeToString
        )
    }
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("inference.GRPCInferenceService", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(0).wait()


@pytest.fixture
def asked() -> list[Question]:
    (first,) = questions(MODEL, CELL, 1)
    return list(first)


def test_each_connection_has_rows_of_its_own_and_each_round_others() -> None:
    rounds = questions(MODEL, CELL, 2)
    assert len({question.rows.tobytes() for given in rounds for question in given}) == 2 * CELL.connections


@pytest.mark.parametrize("typed", [False, True])
def test_right_answers_may_be_measured(asked: list[Question], tmp_path: Path, typed: bool) -> None:
    with answering(lambda request: doubled(request, typed=typed)) as port:
        messages = checked(Target(port, OIP), MODEL, CELL, asked, tmp_path)
        assert is_right(Target(port, OIP), MODEL, asked[0])
    for message, question in zip(messages, asked, strict=True):
        posted = message.file.read_bytes()
        assert posted == frame(OIP.request(MODEL, question.rows))
        answer = doubled(pb.ModelInferRequest.FromString(posted[5:]), typed=typed)
        assert message.content_bytes == len(frame(answer.SerializeToString()))


def test_a_wrong_answer_voids_the_round(asked: list[Question], tmp_path: Path) -> None:
    with answering(lambda request: doubled(request, off=1e-6)) as port:
        with pytest.raises(Void, match="wrong answer: 1e-06 off"):
            checked(Target(port, OIP), MODEL, CELL, asked, tmp_path)
        with pytest.raises(Void, match="wrong answer"):
            is_right(Target(port, OIP), MODEL, asked[0])


def refuse(request: pb.ModelInferRequest) -> pb.ModelInferResponse:
    raise ValueError("the queue is full")


def test_a_refusal_voids_the_round_and_is_no_answer_yet(asked: list[Question], tmp_path: Path) -> None:
    with answering(refuse) as port:
        with pytest.raises(Void, match="refused: RESOURCE_EXHAUSTED: the queue is full"):
            checked(Target(port, OIP), MODEL, CELL, asked, tmp_path)
        assert not is_right(Target(port, OIP), MODEL, asked[0])


def test_answers_of_varying_size_can_not_be_told_from_refusals(asked: list[Question], tmp_path: Path) -> None:
    sizes = iter(range(10_000))

    def answer(request: pb.ModelInferRequest) -> pb.ModelInferResponse:
        response = doubled(request)
        response.id = "x" * next(sizes)
        return response

    with answering(answer) as port, pytest.raises(Void, match="can't be told from refusals"):
        checked(Target(port, OIP), MODEL, CELL, asked, tmp_path)


def counts(*found: Counted) -> Callable[[], Counted]:
    """A server that counts so from one look to the next, and the last for good."""
    rest = list(found)
    return lambda: rest.pop(0) if len(rest) > 1 else rest[0]


def test_a_server_may_count_late_and_what_was_in_flight() -> None:
    agree(counts(Counted(105, 2), Counted(112, 2)), Counted(100, 2), 10, CELL)


@pytest.mark.parametrize(
    ("now", "why"), [(Counted(115, 2), "counts 15 answers, h2load 10"), (Counted(110, 3), "1 refusals")]
)
def test_a_server_that_counts_otherwise_voids_the_round(now: Counted, why: str) -> None:
    with pytest.raises(Void, match=why):
        agree(counts(now), Counted(100, 2), 10, CELL)


def test_a_count_is_taken_when_it_stands_still() -> None:
    assert settled(counts(Counted(1, 0), Counted(2, 0), Counted(3, 0))) == Counted(3, 0)
