"""Runs the trainings that wait: so many at once, each watched by a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hotshelf_trainer.jobs.attempt import Terms, Wish, attempt
from hotshelf_trainer.jobs.database import TROUBLE
from hotshelf_trainer.jobs.events import Events
from hotshelf_trainer.jobs.pulse import Pulse
from hotshelf_trainer.jobs.training import End, Happening, Reason, State, Training
from hotshelf_trainer.jobs.trainings import Trainings
from hotshelf_trainer.jobs.worker import Task

log = logging.getLogger(__name__)

IDLE_SECONDS = 5.0
"""Between looks for trainings that wait, if nobody tells of one."""

TRIES = 60
"""How often, a second apart, the end of a training is written before it is left to the next start to find it lost."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where trainings read and publish."""

    store: Path
    data_root: Path
    studies: Path
    """Folder of the searches' journals: one for each training that is to be begun anew when it is lost."""

    def study_of(self, training: Training) -> Path | None:
        """Where its search is kept; None where nobody would go on with it."""
        return self.studies / f"{training.number}.journal" if training.spec.restart_if_lost else None


class Runner:
    """Takes trainings in their order. `stop` gives up those that run too long."""

    def __init__(
        self,
        trainings: Trainings,
        events: Events,
        pulse: Pulse,
        *,
        concurrent: int,
        terms: Terms,
        places: Places,
        collect: Callable[[], object],
        now: Callable[[], float] = time.time,
    ) -> None:
        """``pulse`` beats when a training came, and is beaten at everything that happens; ``collect`` removes from the
        store what a training left behind that did not end by itself."""
        self._trainings = trainings
        self._events = events
        self._pulse = pulse
        self._concurrent = concurrent
        self._terms = terms
        self._places = places
        self._collect = collect
        self._now = now
        self._running: dict[int, threading.Thread] = {}
        self._stopping = threading.Event()
        self._giving_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trainings", daemon=True)

    @property
    def running(self) -> int:
        """Trainings that run."""
        return len(self._running)

    def start(self) -> None:
        """Find the trainings that a former trainer lost, then begin to run."""
        for number in self._trainings.lose_all("the trainer ended while it ran"):
            log.warning("training %d was lost: the trainer ended while it ran", number)
        self._thread.start()

    def stop(self, drain_seconds: float) -> None:
        """Begin none; wait so long for those that run, then give them up. Those that wait are left waiting."""
        self._stopping.set()
        self._pulse.beat()
        self._thread.join()
        deadline = time.monotonic() + drain_seconds
        for thread in list(self._running.values()):
            thread.join(max(0.0, deadline - time.monotonic()))
        self._giving_up.set()
        for thread in list(self._running.values()):
            thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            seen = self._pulse.beats
            try:
                while self._begin_one():
                    pass
            except TROUBLE:
                log.exception("the database can't be reached; trainings wait")
            self._pulse.wait(seen, IDLE_SECONDS)

    def _begin_one(self) -> bool:
        """Whether one was begun."""
        if len(self._running) >= self._concurrent or self._stopping.is_set():
            return False
        training = self._trainings.claim()
        if training is None:
            return False
        self._pulse.beat()
        thread = threading.Thread(target=self._see_through, args=(training,), name=f"training-{training.number}")
        self._running[training.number] = thread
        thread.start()
        return True

    def _see_through(self, training: Training) -> None:
        log.info("training %d of model %s begins", training.number, training.model)
        try:
            end = self._attempt(training)
        except Exception as error:
            log.exception("training %d", training.number)
            end = End(State.FAILED, Reason.FAULT, f"{type(error).__name__}: {error}")
        self._write(training.number, end)
        if end is not None and (study := self._places.study_of(training)):
            study.unlink(missing_ok=True)
        log.info("training %d: %s", training.number, f"{end.state} {end.detail}".rstrip() if end else "given up")
        if end is None or not end.version:
            self._clean()
        del self._running[training.number]
        self._pulse.beat()

    def _attempt(self, training: Training) -> End | None:
        study = str(self._places.study_of(training) or "")
        task = Task(training.spec, training.model, str(self._places.store), str(self._places.data_root), study)
        return attempt(
            task.to_json(),
            training.limits,
            self._terms,
            lambda happening: self._tell(training.number, happening),
            lambda: self._wish(training.number),
        )

    def _tell(self, number: int, happening: Happening) -> None:
        try:
            self._events.add(number, self._now(), happening)
        except TROUBLE as error:
            log.warning("an event of training %d is dropped: %s", number, error)
        self._pulse.beat()

    def _wish(self, number: int) -> Wish:
        if self._giving_up.is_set():
            return Wish.GIVE_UP
        try:
            return Wish.CANCEL if self._trainings.get(number).cancel_requested else Wish.GO_ON
        except TROUBLE as error:
            log.warning("training %d goes on, as nobody can tell whether it may: %s", number, error)
            return Wish.GO_ON

    def _write(self, number: int, end: End | None) -> None:
        for _ in range(TRIES):
            try:
                if end is None:
                    self._trainings.lose(number, "the trainer stopped while it ran")
                else:
                    self._trainings.end(number, end)
            except TROUBLE:
                log.exception("the end of training %d can't be written yet", number)
                time.sleep(1.0)
            else:
                return

    def _clean(self) -> None:
        try:
            self._collect()
        except Exception:
            log.exception("what trainings left in the store could not be collected")
