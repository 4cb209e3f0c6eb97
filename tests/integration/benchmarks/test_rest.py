"""JSON over HTTP/1.1 is asked, and read back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.load import Void
from tests.benchmarks.speed.messages import checked, is_right, questions
from tests.benchmarks.speed.model import Model, Tensor
from tests.benchmarks.speed.models import normal
from tests.benchmarks.speed.rest import REST
from tests.benchmarks.speed.wire import Target, Unreadable
from tests.integration.benchmarks.answering import Quiet, answering

MODEL = Model(
    "sums",
    Path(),
    None,
    Tensor("input", "FP32", 28),
    Tensor("prediction", "FP64", None),
    0.0,
    lambda rows: rows.astype(float).sum(axis=1),
    normal(np.float32),
)
CELL = Cell("sums", 3, 2)


@contextmanager
def summing(status: int = 200) -> Iterator[int]:
    class Sums(Quiet):
        def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
            given = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = json.dumps(np.array(given["rows"]).sum(axis=1).tolist()).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with answering(Sums) as port:
        yield port


def test_right_answers_may_be_measured(tmp_path: Path) -> None:
    (asked,) = questions(MODEL, CELL, 1)
    with summing() as port:
        messages = checked(Target(port, REST), MODEL, CELL, asked, tmp_path)
    for message, question in zip(messages, asked, strict=True):
        assert json.loads(message.file.read_bytes()) == {"rows": question.rows.tolist()}
        assert message.content_bytes == len(json.dumps(question.expected.tolist()))


def test_an_error_is_a_refusal(tmp_path: Path) -> None:
    (asked,) = questions(MODEL, CELL, 1)
    with summing(503) as port:
        assert not is_right(Target(port, REST), MODEL, asked[0])
        with pytest.raises(Void, match="refused: status 503"):
            checked(Target(port, REST), MODEL, CELL, asked, tmp_path)
    assert not is_right(Target(port, REST), MODEL, asked[0])


def test_what_is_no_list_of_numbers_can_not_be_read() -> None:
    with pytest.raises(Unreadable, match="expected a list of numbers"):
        REST.values(b"<html>", MODEL)
