"""Requests of a cell as they are posted, and the checking of answers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotshelf_server.core.types import Array
from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.load import Message, Void
from tests.benchmarks.speed.model import Model
from tests.benchmarks.speed.wire import Ask, Refused, Target, Unreadable, Wire

LEAST_CHECKED = 8
"""Calls of a cell that are checked, or twice as many as are made at once."""


@dataclass(frozen=True, slots=True)
class Question:
    """Rows, and what must be answered."""

    rows: Array
    expected: Array


def questions(model: Model, cell: Cell, rounds: int) -> Sequence[Sequence[Question]]:
    """[rounds][connections] each with other rows."""
    seeds = range(1, rounds * cell.connections + 1)
    found = [Question(rows, model.answer(rows)) for rows in (model.draw(cell.rows, seed) for seed in seeds)]
    return [found[start : start + cell.connections] for start in range(0, len(found), cell.connections)]


def checked(target: Target, model: Model, cell: Cell, asked: Sequence[Question], folder: Path) -> Sequence[Message]:
    """Ask each question over a connection of its own, as many calls at once as the cell has, and compare each answer.

    Returns what may now be posted, and writes it into files. Raises `Void` for an answer that is wrong or missing.
    """
    requests = [target.wire.request(model, question.rows) for question in asked]
    turns = list(range(len(asked))) * -(-max(2 * cell.calls, LEAST_CHECKED) // len(asked))
    with ExitStack() as stack, ThreadPoolExecutor(cell.calls) as pool:
        asks = [stack.enter_context(target.wire.calling(target.port)) for _ in asked]

        def size_of(place: int) -> int:
            return len(_compared(asks[place], requests[place], asked[place], target.wire, model))

        sizes = list(pool.map(size_of, turns))
    for place in range(len(asked)):
        if len(found := set(sizes[place :: len(asked)])) != 1:
            raise Void(f"the same request gets answers of {sorted(found)} bytes: they can't be told from refusals")
    files = [folder / f"{cell.name}-{place}" for place in range(len(asked))]
    for file, request in zip(files, requests, strict=True):
        file.write_bytes(target.wire.posted(request))
    return [Message(file, target.wire.prefix + size) for file, size in zip(files, sizes, strict=False)]


def is_right(target: Target, model: Model, question: Question) -> bool:
    """Whether a server answers by now; False where it refuses. Raises `Void` for a wrong answer."""
    with target.wire.calling(target.port) as ask:
        try:
            answer = ask(target.wire.request(model, question.rows))
        except Refused:
            return False
    compare(answer, question.expected, target.wire, model)
    return True


def compare(answer: bytes, expected: Array, wire: Wire, model: Model) -> None:
    """Raises `Void` for anything but the expected numbers, in any shape with as many."""
    try:
        found = wire.values(answer, model)
    except Unreadable as error:
        raise Void(str(error)) from error
    if found.size != expected.size:
        raise Void(f"expected {expected.size} numbers, found {found.size}")
    if not np.allclose(found.ravel(), expected.ravel(), rtol=model.tolerance, atol=0):
        difference = np.abs(found.ravel() - expected.ravel()).max()
        raise Void(f"wrong answer: {difference:g} off, allowed is {model.tolerance:g} of the value")


def _compared(ask: Ask, request: bytes, question: Question, wire: Wire, model: Model) -> bytes:
    try:
        answer = ask(request)
    except Refused as error:
        raise Void(f"refused: {error}") from error
    compare(answer, question.expected, wire, model)
    return answer
