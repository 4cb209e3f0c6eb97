"""Begins the trainings of schedules at their times."""

import logging
import threading
from collections.abc import Callable

from hotshelf_trainer.errors import TrainingError
from hotshelf_trainer.jobs.cron import due
from hotshelf_trainer.jobs.database import TROUBLE
from hotshelf_trainer.jobs.errors import Draining, Full, TrainingNotFound
from hotshelf_trainer.jobs.intake import Intake
from hotshelf_trainer.jobs.schedules import MAX_SCHEDULES, Schedule, Schedules
from hotshelf_trainer.jobs.trainings import Trainings

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0


class Scheduler:
    """Looks at every schedule now and then.

    A schedule says when to look; whether the champion's age or the data's drift then make an occasion to train, the
    training itself finds out, since it is the one that reads the data.
    """

    def __init__(self, schedules: Schedules, trainings: Trainings, intake: Intake, now: Callable[[], float]) -> None:
        """``now``: seconds since the epoch."""
        self._schedules = schedules
        self._trainings = trainings
        self._intake = intake
        self._now = now
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedules", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join()

    def look(self) -> None:
        """Begin what is due. A schedule whose last training has not ended waits, and then makes up for it."""
        for schedule in self._schedules.before(None, MAX_SCHEDULES):
            now = due(schedule.cron, schedule.seen, self._now(), schedule.catch_up_seconds)
            if now is None or self._busy(schedule):
                continue
            if now.run:
                self._begin(schedule, now.at)
            else:
                log.warning("schedule %d: the time was missed by too much, no training begins", schedule.number)
                self._schedules.dealt_with(schedule.number, now.at)

    def _begin(self, schedule: Schedule, at: float) -> None:
        # Should we end before this time is noted as dealt with, the same id makes the next look find the same training.
        request_id = f"schedule/{schedule.number}/{at:.0f}"
        try:
            training = self._intake.start(schedule.spec, request_id, schedule.number)
        except (Full, Draining) as error:
            log.warning("schedule %d waits: %s", schedule.number, error)
        except TrainingError as error:
            log.warning("schedule %d can't begin a training: %s", schedule.number, error)
            self._schedules.dealt_with(schedule.number, at)
        else:
            self._schedules.dealt_with(schedule.number, at, training.number)

    def _busy(self, schedule: Schedule) -> bool:
        try:
            return bool(schedule.last_training) and not self._trainings.get(schedule.last_training).state.ended
        except TrainingNotFound:
            return False

    def _run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                self.look()
            except TROUBLE:
                log.exception("the database can't be reached; schedules wait")
