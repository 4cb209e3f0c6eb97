"""The trainings in the database. Every change of state is one transaction, with its event."""

from collections.abc import Callable, Collection

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hotshelf_trainer.jobs.database import reading
from hotshelf_trainer.jobs.errors import Full, RequestIdTaken, TrainingNotFound
from hotshelf_trainer.jobs.events import Events
from hotshelf_trainer.jobs.metrics.ended import EndedCounts
from hotshelf_trainer.jobs.rows import training_of
from hotshelf_trainer.jobs.tables import events as event_table
from hotshelf_trainer.jobs.tables import trainings
from hotshelf_trainer.jobs.training import (
    MAX_ATTEMPTS,
    MAX_DETAIL,
    MAX_LAST_WORDS,
    End,
    Limits,
    Reason,
    Spec,
    State,
    StateChange,
    Training,
)

MAX_QUEUED = 1_000
"""Trainings that wait."""

MAX_ENDED = 10_000
"""Trainings kept that have ended; the oldest are forgotten with their events and request ids."""


class Trainings:
    """Adds, reads and moves trainings. Thread-safe."""

    def __init__(
        self,
        engine: Engine,
        events: Events,
        now: Callable[[], float],
        counts: EndedCounts | None = None,
        *,
        max_queued: int = MAX_QUEUED,
        max_ended: int = MAX_ENDED,
    ) -> None:
        """``now``: seconds since the epoch; ``counts`` hear of what ends."""
        self._engine = engine
        self._reading = reading(engine)
        self._events = events
        self._now = now
        self._counts = counts or EndedCounts()
        self._max_queued = max_queued
        self._max_ended = max_ended

    def add(self, spec: Spec, model: str, limits: Limits, request_id: str = "", schedule: int = 0) -> Training:
        """Queue a training; for a request id that came before, the training that it gave.

        Raises `RequestIdTaken` where that had other content, and `Full`.
        """
        if (before := self._of_request(request_id, spec)) is not None:
            return before
        try:
            with self._engine.begin() as connection:
                number = self._insert(connection, spec, model, limits, request_id=request_id, schedule=schedule)
        except IntegrityError:  # the same request came twice at once
            if (before := self._of_request(request_id, spec)) is None:
                raise
            return before
        return self.get(number)

    def get(self, number: int) -> Training:
        """One training. Raises `TrainingNotFound`."""
        with self._reading.begin() as connection:
            row = connection.execute(select(trainings).where(trainings.c.number == number)).first()
        if row is None:
            raise TrainingNotFound(f"training {number}: there is none of that number, or it is forgotten")
        return training_of(row)

    def before(self, number: int | None, most: int, model: str = "", states: Collection[State] = ()) -> list[Training]:
        """At most so many trainings of smaller numbers (None: of any), newest first."""
        query = select(trainings).order_by(trainings.c.number.desc()).limit(most)
        if number is not None:
            query = query.where(trainings.c.number < number)
        if model:
            query = query.where(trainings.c.model == model)
        if states:
            query = query.where(trainings.c.state.in_(states))
        with self._reading.begin() as connection:
            return [training_of(row) for row in connection.execute(query)]

    def claim(self) -> Training | None:
        """Take the training that has waited longest to run it; None where none waits."""
        with self._engine.begin() as connection:
            waiting = select(trainings).where(trainings.c.state == State.QUEUED).order_by(trainings.c.number).limit(1)
            row = connection.execute(waiting.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            attempt = row.attempt + 1
            moved = self._move(
                connection,
                row.number,
                State.QUEUED,
                StateChange(State.RUNNING, attempt),
                attempt=attempt,
                started_at=self._now(),
            )
        return self.get(row.number) if moved else None

    def end(self, number: int, end: End) -> None:
        """A running training has ended."""
        detail, last_words = _kept(end.detail)[:MAX_DETAIL], _kept(end.last_words)[-MAX_LAST_WORDS:]
        with self._engine.begin() as connection:
            self._move(
                connection,
                number,
                State.RUNNING,
                StateChange(end.state, self._attempt(connection, number), end.reason, detail),
                last_words=last_words,
                version=end.version,
                ended_at=self._now(),
            )
            self._forget(connection)

    def lose(self, number: int, why: str) -> None:
        """A running training was lost: it waits again if it asked for that, unless it was begun too often already."""
        with self._engine.begin() as connection:
            row = connection.execute(select(trainings).where(trainings.c.number == number)).one()
            again = Spec.from_json(row.spec).restart_if_lost and row.attempt < MAX_ATTEMPTS
            state = State.CANCELLED if row.cancel_requested else State.LOST
            change = StateChange(state, row.attempt, Reason.NONE, why)
            if not self._move(connection, number, State.RUNNING, change, ended_at=self._now()):
                return
            if again and state is State.LOST:
                anew = StateChange(State.QUEUED, row.attempt, Reason.NONE, "it asked to be restarted when it is lost")
                self._move(connection, number, State.LOST, anew, ended_at=None, started_at=None)

    def lose_all(self, why: str) -> list[int]:
        """All that run are lost: the trainer that ran them is no more. Returns their numbers."""
        with self._reading.begin() as connection:
            query = select(trainings.c.number).where(trainings.c.state == State.RUNNING)
            running = [int(number) for number in connection.execute(query).scalars()]
        for number in running:
            self.lose(number, why)
        return running

    def cancel(self, number: int) -> Training:
        """Cancel what waits, mark what runs, leave what has ended. Raises `TrainingNotFound`."""
        with self._engine.begin() as connection:
            change = StateChange(State.CANCELLED, self._attempt(connection, number), Reason.NONE, "before it was begun")
            if not self._move(connection, number, State.QUEUED, change, cancel_requested=True, ended_at=self._now()):
                runs = (trainings.c.number == number) & (trainings.c.state == State.RUNNING)
                connection.execute(update(trainings).where(runs).values(cancel_requested=True))
        return self.get(number)

    def _of_request(self, request_id: str, spec: Spec) -> Training | None:
        if not request_id:
            return None
        with self._reading.begin() as connection:
            row = connection.execute(select(trainings).where(trainings.c.request_id == request_id)).first()
        if row is not None and row.digest != spec.digest():
            raise RequestIdTaken(
                f"request_id {request_id!r}: training {row.number} was started with it, of other content; "
                "expected the same content, or a new request id"
            )
        return None if row is None else training_of(row)

    def _insert(
        self, connection: Connection, spec: Spec, model: str, limits: Limits, *, request_id: str, schedule: int
    ) -> int:
        waiting = select(func.count()).select_from(trainings).where(trainings.c.state == State.QUEUED)
        if connection.execute(waiting).scalar_one() >= self._max_queued:
            raise Full(f"{self._max_queued} trainings wait already, which is as many as may; try again later")
        now = self._now()
        values = {
            "request_id": request_id or None,
            "digest": spec.digest(),
            "spec": spec.to_json(),
            "model": model,
            "limit_seconds": limits.seconds,
            "limit_bytes": limits.memory_bytes,
            "state": State.QUEUED,
            "attempt": 0,
            "reason": Reason.NONE,
            "detail": "",
            "last_words": "",
            "schedule": schedule,
            "version": 0,
            "created_at": now,
            "cancel_requested": False,
            "events": 0,
        }
        number = int(connection.execute(insert(trainings).values(values).returning(trainings.c.number)).scalar_one())
        self._events.note(connection, number, now, StateChange(State.QUEUED, 0))
        self._counts.known(model)
        return number

    def _move(self, connection: Connection, number: int, present: State, change: StateChange, **values: object) -> bool:
        """Whether the training was in the present state; if so it is in the new one."""
        values |= {"state": change.state, "reason": change.reason, "detail": change.detail}
        there = (trainings.c.number == number) & (trainings.c.state == present)
        changed = update(trainings).where(there).values(values).returning(trainings.c.model, trainings.c.started_at)
        row = connection.execute(changed).first()
        if row is None:
            return False
        now = self._now()
        self._events.note(connection, number, now, change)
        if change.state.ended:
            self._counts.add(row.model, change.state, None if row.started_at is None else now - row.started_at)
        return True

    def _attempt(self, connection: Connection, number: int) -> int:
        attempt = connection.execute(select(trainings.c.attempt).where(trainings.c.number == number)).scalar()
        if attempt is None:
            raise TrainingNotFound(f"training {number}: there is none of that number, or it is forgotten")
        return int(attempt)

    def _forget(self, connection: Connection) -> None:
        ended = trainings.c.state.in_([state for state in State if state.ended])
        newest = select(trainings.c.number).where(ended).order_by(trainings.c.number.desc())
        oldest_kept = connection.execute(newest.offset(self._max_ended - 1).limit(1)).scalar()
        if oldest_kept is None:
            return
        old = select(trainings.c.number).where(ended & (trainings.c.number < oldest_kept))
        connection.execute(delete(event_table).where(event_table.c.training.in_(old)))
        connection.execute(delete(trainings).where(ended & (trainings.c.number < oldest_kept)))


def _kept(text: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
