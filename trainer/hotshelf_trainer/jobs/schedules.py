"""The schedules in the database."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hotshelf_trainer.jobs.database import reading
from hotshelf_trainer.jobs.errors import Full, RequestIdTaken, ScheduleNotFound
from hotshelf_trainer.jobs.tables import schedules
from hotshelf_trainer.jobs.training import Spec

MAX_SCHEDULES = 1_000
"""Schedules that there may be."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Trainings that begin at given times. Moments are seconds since the epoch (UTC)."""

    number: int
    spec: Spec
    cron: str
    catch_up_seconds: float
    created_at: float
    seen: float
    """The times up to this moment are dealt with."""
    last_training: int
    """Number of the training that it began last; 0 for none."""


class Schedules:
    """Adds, reads, moves and removes schedules. Thread-safe."""

    def __init__(self, engine: Engine, now: Callable[[], float], most: int = MAX_SCHEDULES) -> None:
        """``now``: seconds since the epoch."""
        self._engine = engine
        self._reading = reading(engine)
        self._now = now
        self._most = most

    def add(self, spec: Spec, cron: str, catch_up_seconds: float, request_id: str = "") -> Schedule:
        """Make a schedule, whose first time is after now; for a request id that came before, the one that it made.

        Raises `RequestIdTaken` where that had other content, and `Full`.
        """
        digest = spec.digest(cron, catch_up_seconds)
        if (before := self._of_request(request_id, digest)) is not None:
            return before
        now = self._now()
        values = {
            "request_id": request_id or None,
            "digest": digest,
            "spec": spec.to_json(),
            "cron": cron,
            "catch_up_seconds": catch_up_seconds,
            "created_at": now,
            "seen": now,
            "last_training": 0,
        }
        try:
            with self._engine.begin() as connection:
                if connection.execute(select(func.count()).select_from(schedules)).scalar_one() >= self._most:
                    raise Full(f"there are {self._most} schedules, which is as many as may be; delete one")
                number = connection.execute(insert(schedules).values(values).returning(schedules.c.number)).scalar_one()
        except IntegrityError:  # the same request came twice at once
            if (before := self._of_request(request_id, digest)) is None:
                raise
            return before
        return Schedule(number, spec, cron, catch_up_seconds, now, now, 0)

    def before(self, number: int | None, most: int) -> list[Schedule]:
        """At most so many schedules of smaller numbers (None: of any), newest first."""
        query = select(schedules).order_by(schedules.c.number.desc()).limit(most)
        if number is not None:
            query = query.where(schedules.c.number < number)
        with self._reading.begin() as connection:
            return [_schedule(row) for row in connection.execute(query)]

    def dealt_with(self, number: int, seen: float, training: int | None = None) -> None:
        """The times up to a moment are dealt with, by a training or by none."""
        values: dict[str, object] = {"seen": seen}
        if training is not None:
            values["last_training"] = training
        with self._engine.begin() as connection:
            connection.execute(update(schedules).where(schedules.c.number == number).values(values))

    def remove(self, number: int) -> None:
        """Raises `ScheduleNotFound`."""
        with self._engine.begin() as connection:
            found = connection.execute(delete(schedules).where(schedules.c.number == number)).rowcount
        if not found:
            raise ScheduleNotFound(f"schedule {number}: there is none of that number")

    def _of_request(self, request_id: str, digest: str) -> Schedule | None:
        if not request_id:
            return None
        with self._reading.begin() as connection:
            row = connection.execute(select(schedules).where(schedules.c.request_id == request_id)).first()
        if row is not None and row.digest != digest:
            raise RequestIdTaken(
                f"request_id {request_id!r}: schedule {row.number} was made with it, of other content; "
                "expected the same content, or a new request id"
            )
        return None if row is None else _schedule(row)


def _schedule(row: Row[tuple[object, ...]]) -> Schedule:
    return Schedule(
        number=row.number,
        spec=Spec.from_json(row.spec),
        cron=row.cron,
        catch_up_seconds=row.catch_up_seconds,
        created_at=row.created_at,
        seen=row.seen,
        last_training=row.last_training,
    )
