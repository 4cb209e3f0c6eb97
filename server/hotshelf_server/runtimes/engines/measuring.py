"""Which of a servable's engines is the fastest, by trying."""

import logging
import math
from collections.abc import Callable, Mapping
from contextlib import suppress

from hotshelf_server.core.engines import SIZES, Choice
from hotshelf_server.core.errors import HotshelfError
from hotshelf_server.core.interfaces import Choosing
from hotshelf_server.core.types import Response, Tensors
from hotshelf_server.runtimes.engines.agreement import Agreement
from hotshelf_server.runtimes.engines.stopwatch import OutOfTime, Stopwatch

log = logging.getLogger(__name__)

ROUNDS = 5
HOPELESS = 8.0
"""How many times as long as the quickest engine's first call another's may take to be timed more than once."""

MARGIN = 0.9
"""An engine replaces the present one where it takes less than this share of its time: replicas should agree, and what
is as quick changes nothing."""

Batches = Mapping[int, Tensors]
"""Inputs of so many rows, for each of `SIZES`; each begins with the rows of the one before."""


class Unloaded(Exception):
    """Nobody holds the servable any more."""


class Race:
    """Compares and times the engines. What is run is the servable's own ``predict``, all but the choice."""

    def __init__(self, lend: Callable[[], Choosing], batches: Batches, stopwatch: Stopwatch) -> None:
        """``lend`` gives the servable for a moment, or raises `Unloaded`: between one call and the next, which may take
        a minute on a busy server, it isn't held."""
        self._lend = lend
        self._batches = batches
        self._stopwatch = stopwatch
        self._tolerance = lend().tolerance
        names = lend().candidates
        self._library = names[-1]
        self._agreements = {name: Agreement(self._tolerance) for name in names}
        self._dropped: list[str] = []
        self._first: dict[tuple[str, int], float] = {}
        self._best: dict[tuple[str, int], float] = {}

    def run(self) -> Choice:
        """The fastest engine at each size, of those whose answers are the library's to the last bit; or, at all sizes,
        one whose answers are within the tolerance, where it is faster at each.

        The present engine stays where no other is clearly faster, and where the budget was spent before a size was
        measured. Raises `HotshelfError` where the library itself refuses the model or a batch, and `Unloaded`.
        """
        self._make_ready()
        with suppress(OutOfTime):
            for rows in SIZES:
                self._compare(rows)
            for rows in SIZES:
                self._time(rows)
        return Choice(
            self._chosen(),
            "measured",
            {name: tuple(self._figure(name, rows) / rows for rows in SIZES) for name in self._agreements},
            tuple(self._dropped),
            {name: one.difference for name, one in self._agreements.items() if not one.exact},
        )

    def _make_ready(self) -> None:
        """Not within the budget: engines bound for themselves what they make."""
        for name in list(self._agreements):
            self._stopwatch.wait()
            try:
                known = self._lend().make_ready(name)
            except HotshelfError as error:
                if name == self._library:
                    raise
                log.info("engine %s is left out: %s", name, error)
                del self._agreements[name]
            else:
                self._agreements[name] = Agreement(self._tolerance, known)

    def _compare(self, rows: int) -> None:
        expected = self._tried(self._library, rows).outputs
        for name, agreement in list(self._agreements.items())[:-1]:
            try:
                agreement.compare(self._tried(name, rows).outputs, expected)
                holds = agreement.holds
            except HotshelfError:
                holds = False
            if not holds:
                self._dropped.append(name)
                del self._agreements[name]

    def _tried(self, name: str, rows: int) -> Response:
        answers: list[Response] = []
        batch = self._batches[rows]
        self._first[name, rows] = self._stopwatch.least(
            lambda: answers.append(self._lend().predict_with(name, batch)), most=1
        )
        return answers[0]

    def _time(self, rows: int) -> None:
        """The least of several rounds, in which engines take turns, so that a busy moment hits all of them."""
        quickest = min(self._first[name, rows] for name in self._agreements)
        for turn in range(ROUNDS):
            for name in self._agreements:
                if turn == 0 or self._first[name, rows] <= HOPELESS * quickest:
                    self._take_turn(name, rows)

    def _take_turn(self, name: str, rows: int) -> None:
        batch = self._batches[rows]
        taken = self._stopwatch.least(lambda: self._lend().predict_with(name, batch))
        self._best[name, rows] = min(taken, self._figure(name, rows))

    def _figure(self, name: str, rows: int) -> float:
        return self._best.get((name, rows), math.inf)

    def _chosen(self) -> tuple[str, ...]:
        present = self._lend().choice.engines
        chosen = tuple(self._fastest(rows, engine) for rows, engine in zip(SIZES, present, strict=True))
        for name, agreement in self._agreements.items():
            if not agreement.exact and self._faster_throughout(name, chosen):
                chosen = (name,) * len(SIZES)
        return chosen

    def _fastest(self, rows: int, present: str) -> str:
        exact = [name for name, agreement in self._agreements.items() if agreement.exact]
        if present not in exact:
            present = self._library
        fastest = min(exact, key=lambda name: self._figure(name, rows))
        return fastest if self._figure(fastest, rows) < MARGIN * self._figure(present, rows) else present

    def _faster_throughout(self, name: str, chosen: tuple[str, ...]) -> bool:
        """Answers that aren't equal should not depend on how many rows a call has, so such an engine takes all sizes
        or none."""
        figures = (
            (self._figure(name, rows), self._figure(engine, rows)) for rows, engine in zip(SIZES, chosen, strict=True)
        )
        return all(its < MARGIN * other < math.inf for its, other in figures)
