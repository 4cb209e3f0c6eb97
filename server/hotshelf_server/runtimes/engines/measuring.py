"""Which of a servable's engines is the fastest, by trying."""

from collections.abc import Mapping
from contextlib import suppress

from hotshelf_server.core.engines import SIZES, Choice
from hotshelf_server.core.errors import HotshelfError
from hotshelf_server.core.interfaces import Choosing
from hotshelf_server.core.types import Response, Tensors
from hotshelf_server.runtimes.engines.stopwatch import OutOfTime, Stopwatch

ROUNDS = 5
HOPELESS = 8.0
"""How many times as long as the quickest engine's first call another's may take to be timed more than once."""

MARGIN = 0.9
"""An engine replaces the present one where it takes less than this share of its time: replicas should agree, and what
is as quick changes nothing."""

Batches = Mapping[int, Tensors]
"""Inputs of so many rows, for each of `SIZES`."""


class Race:
    """Compares and times the engines. What is run is the servable's own ``predict``, all but the choice."""

    def __init__(self, servable: Choosing, batches: Batches, stopwatch: Stopwatch) -> None:
        self._servable = servable
        self._batches = batches
        self._stopwatch = stopwatch
        self._names = servable.candidates
        self._equal = list(self._names)
        self._first: dict[tuple[str, int], float] = {}
        self._best: dict[tuple[str, int], float] = {}

    def run(self) -> Choice:
        """The fastest engine at each size, of those whose answers are the library's to the last bit.

        The present engine stays where no other is clearly faster, and where the budget was spent before a size was
        measured. Raises `HotshelfError` where the library itself refuses a batch.
        """
        with suppress(OutOfTime):
            for rows in SIZES:
                self._compare(rows)
            for rows in SIZES:
                self._time(rows)
        present = self._servable.choice.engines
        return Choice(
            tuple(self._fastest(rows, engine) for rows, engine in zip(SIZES, present, strict=True)),
            "measured",
            {name: tuple(self._figure(name, rows) / rows for rows in SIZES) for name in self._equal},
            tuple(name for name in self._names if name not in self._equal),
        )

    def _compare(self, rows: int) -> None:
        library = self._names[-1]
        expected = _bits(self._tried(library, rows))
        for name in self._equal[:-1]:
            try:
                same = _bits(self._tried(name, rows)) == expected
            except HotshelfError:
                same = False
            if not same:
                self._equal.remove(name)

    def _tried(self, name: str, rows: int) -> Response:
        answers: list[Response] = []
        batch = self._batches[rows]
        self._first[name, rows] = self._stopwatch.least(
            lambda: answers.append(self._servable.predict_with(name, batch)), most=1
        )
        return answers[0]

    def _time(self, rows: int) -> None:
        """The least of several rounds, in which engines take turns, so that a busy moment hits all of them."""
        quickest = min(self._first[name, rows] for name in self._equal)
        for turn in range(ROUNDS):
            for name in self._equal:
                if turn == 0 or self._first[name, rows] <= HOPELESS * quickest:
                    self._take_turn(name, rows)

    def _take_turn(self, name: str, rows: int) -> None:
        batch = self._batches[rows]
        taken = self._stopwatch.least(lambda: self._servable.predict_with(name, batch))
        self._best[name, rows] = min(taken, self._figure(name, rows))

    def _figure(self, name: str, rows: int) -> float:
        return self._best.get((name, rows), float("inf"))

    def _fastest(self, rows: int, present: str) -> str:
        if present not in self._equal:
            present = self._names[-1]
        fastest = min(self._equal, key=lambda name: self._figure(name, rows))
        return fastest if self._figure(fastest, rows) < MARGIN * self._figure(present, rows) else present


def _bits(answer: Response) -> object:
    """All that a caller could tell apart. Texts are compared as such."""
    return {
        name: (array.dtype, array.shape, array.tolist() if array.dtype.hasobject else array.tobytes())
        for name, array in answer.outputs.items()
    }
